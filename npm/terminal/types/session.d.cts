/** A program on a pseudo-terminal. */

import type { Encoding, Exit, SignalName } from './basics.cjs';
import type { CallOptions } from './calls.cjs';
import type { RepliesConfig } from './configuration.cjs';
import type { KillOptions, WriteOptions } from './process.cjs';
import type { Position, Screen } from './screen.cjs';
import type { MouseInput, SessionEvent } from './session_events.cjs';

/** Cells of a terminal, 1 to 1000 each way. */
export interface Size {
  /** Columns. */
  readonly cols: number;
  /** Rows. */
  readonly rows: number;
}

/** The same, with the whole terminal's size in pixels where it is known. */
export interface PixelSize extends Size {
  /** Default 0: unknown. */
  readonly width?: number;
  /** Default 0: unknown. */
  readonly height?: number;
}

/** Of `open`. */
export interface OpenOptions<E extends Encoding = 'buffer'> extends Omit<CallOptions, 'timeout'>, Partial<Size> {
  /** Of the iterator. Default `'buffer'`. */
  readonly encoding?: E;
  /** From open to end. The policy's `timeout` is for commands and does not hold here; `limits` and `sessions.lifetime` do. Default 0: none. */
  readonly timeout?: number;
  /** What `TERM` says. Default `'xterm-256color'`. */
  readonly term?: string;
  /** `false`: no emulator, raw bytes only; nobody answers a program that asks its terminal something. Default `true`. */
  readonly screen?: boolean;
  /** Which questions the screen answers. Default: the policy's `sessions.replies`; what that has off stays off. */
  readonly replies?: RepliesConfig;
}

/** Of `write` to a session. */
export interface TypeOptions extends WriteOptions {
  /** Kept in memory that is overwritten afterwards, and never logged. (A JavaScript string stays until it is collected: give bytes, and clear them.) */
  readonly secret?: boolean;
}

/** Of `tap`. */
export interface TapOptions {
  /** Begin with the newest of what has been, up to the last mebibyte. Default `false`. */
  readonly replay?: boolean;
  /** How far it may fall behind before the oldest is dropped. Default 1 MiB. */
  readonly maxBytes?: number;
  /** Ends it, with an AbortError. */
  readonly signal?: AbortSignal;
}

/** A piece of output as a tap has it. */
export interface TapChunk<D = Uint8Array> {
  /** What the program wrote. */
  readonly data: D;
  /** Bytes dropped before `data`. */
  readonly lag: number;
}

/** Of `send`. */
export interface SendOptions extends TypeOptions {
  /** Types Enter after the text. Default `false`. */
  readonly enter?: boolean;
}

/** Of `wait`. */
export interface WaitOptions {
  /** `0` none. Default: the policy's `sessions.waitTimeout` (30000). */
  readonly timeout?: number;
  /** Aborting ends the wait and nothing else. */
  readonly signal?: AbortSignal;
}

/**
 * What to wait for. Several keys at once are `all`. A RegExp is run by a linear-time engine: flags `i m s u`, no look-around, no back-references
 * (else `INVALID_PATTERN`).
 */
export type WaitCondition =
  /**
   * On the screen, in lines, of which rows that only wrapped are one; with `send(text, { until })` only what comes after the input. Lines that have
   * scrolled away while it was waited for count, too. Blanks that were written at a line's end can be found; a RegExp is tried without them first.
   */
  | { readonly text: string | RegExp }
  /** Not, or no longer, on the screen. */
  | { readonly gone: string | RegExp }
  /** The cursor stands there. */
  | { readonly cursor: Partial<Position> }
  /** In the raw output since the end of the last match of such a wait (at first: since the open), as far back as 1 MiB. */
  | { readonly output: string | RegExp | Uint8Array }
  /** The screen has not changed for so many milliseconds, nor has `send(text, { until })` sent anything; without a screen: no output. */
  | { readonly settled: number }
  /** The program has ended, and its last byte was read. */
  | { readonly exit: true }
  /** The first that comes true; of several at once, the first in the list. */
  | { readonly any: readonly WaitCondition[] }
  /** All at once. */
  | { readonly all: readonly WaitCondition[] };

/** What came true. */
export interface WaitResult {
  /** The condition; of `any` on its own, the part that came true. */
  readonly condition: WaitCondition;
  /** What `output` or `text` found, the groups of a RegExp in order (`null`: took no part), and the first cell of `text`. */
  readonly match: { readonly text: string; readonly groups: readonly (string | null)[]; readonly at: Position | null } | null;
  /** How the program ended, if it has. */
  readonly exit: Exit | null;
  /** How long it was waited for. */
  readonly durationMs: number;
  /** Of the screen when it was true; 0 without one. */
  readonly sequence: number;
}

/** Who has the terminal. */
export interface Foreground {
  /** The process group in the foreground; `null` once the program has ended. */
  readonly pid: number | null;
  /** The name of its leader, where the system tells it. */
  readonly name: string | null;
  /** What that means: a guess from the name and from the terminal's modes. */
  readonly state: 'shell' | 'password' | 'pager' | 'editor' | 'busy' | 'ended' | 'unknown';
  /** What is typed is shown. */
  readonly echo: boolean;
  /** What is typed is edited and handed over line by line. Echo off in this mode is how a password prompt looks. */
  readonly canonical: boolean;
}

/**
 * A program on a pseudo-terminal.
 *
 * Reading. The iterator and `readable` share one lossless reader; while it is attached, a slow reader slows the program. With no reader attached the
 * screen takes all that comes, and the newest 1 MiB is held for a reader to come: what is older is gone for it, and told by `lost`. Without a screen
 * (`screen: false`) a pending `wait` lets the output flow; without that, 1 MiB is held and then the program waits.
 *
 * `break` in `for await` releases the reader and nothing else; the next one goes on where it stopped. To end the program: `close()`, `kill()`,
 * `await using`, or the `AbortSignal`.
 */
export interface Session<D = Uint8Array> extends AsyncIterable<D>, AsyncDisposable {
  /** `term_` and 32 hex digits; known to the terminal while it runs. */
  readonly id: string;
  /** Of the program itself, the leader of the terminal's session. */
  readonly pid: number;
  /** As it was judged and started. */
  readonly argv: readonly string[];
  /** When it was started. */
  readonly startedAt: Date;
  /** As it was last set by us. */
  readonly size: Size;
  /** `null` until it has ended. */
  readonly exitCode: number | null;
  /** What ended it; `null` until then, and if it ended by itself. */
  readonly signalCode: SignalName | null;
  /** Resolves when the program ended and its last byte was read from the kernel. Does not read. Never rejects. */
  readonly exited: Promise<Exit>;
  /** What the terminal shows. Throws `UNSUPPORTED` if it was opened without one. */
  readonly screen: Screen;
  /** Bytes. Created at the first access. Cancelling it releases the reader. */
  readonly readable: ReadableStream<Uint8Array>;
  /** `write` as a stream. Closing it does nothing: a terminal has no end of input, but for what a program takes for one (Ctrl+D). */
  readonly writable: WritableStream<Uint8Array | string>;
  /** Bytes that no reader will see, see above. */
  readonly lost: number;
  /** The lossless reader; see above for what `break` does. */
  [Symbol.asyncIterator](): AsyncIterableIterator<D>;

  /**
   * A copy of the output for one more reader, from now on or with what has been; it begins at the first `next()`. It never slows the program, nor does
   * it let one go on that waits for its reader. One that falls behind is told how much is gone.
   */
  tap(options?: TapOptions): AsyncIterableIterator<TapChunk<D>>;

  /** Verbatim. Resolves when the terminal took it, in order with `resize`; more than 8 MiB waiting is `INPUT_FULL`. */
  write(data: Uint8Array | string, options?: TypeOptions): Promise<void>;
  /** As a person types: LF becomes Enter (CR). With `until` it is `wait`, looking only at what comes after the input. */
  send(text: string, options: SendOptions & { readonly until: WaitCondition }): Promise<WaitResult>;
  send(text: string, options?: SendOptions): Promise<void>;
  /** Bracketed where the program asked for it; `ESC[201~` is taken out, and so are control characters but tabs and line ends. */
  paste(text: string, options?: WriteOptions): Promise<void>;
  /** Keys by name (`'Enter'`, `'Ctrl+C'`, `'Shift+F5'`, `'é'`), encoded for the modes in force and typed at once. */
  press(...keys: readonly string[]): Promise<void>;
  /** In the protocol that the program has asked for; nothing where it has not. */
  mouse(event: MouseInput): Promise<void>;
  /** Tells a program that asked for it whether its window has the focus. */
  focus(focused: boolean): Promise<void>;

  /** Level-triggered: true now counts. Rejects with {@link WaitError} at the deadline, or at once when the session ends; with AbortError by `signal`. */
  wait(condition: WaitCondition, options?: WaitOptions): Promise<WaitResult>;

  /**
   * Titles, bells, notifications, clipboard, pictures ... Removes itself with `signal` or the returned function. The first listener also hears what
   * nobody has heard since the open. A listener that throws is not called again.
   */
  on<K extends SessionEvent['type']>(type: K, listener: (event: Extract<SessionEvent, { type: K }>) => void, options?: { readonly signal?: AbortSignal }): () => void;

  /** After what was written before; the program gets SIGWINCH. */
  resize(size: PixelSize): Promise<void>;
  /** Who has the terminal, and what it is about. */
  foreground(): Promise<Foreground>;
  /** One signal to the program alone. `false` if it has ended. */
  signal(name: SignalName): boolean;
  /** The whole tree: `signal` (default the policy's), after `grace` SIGKILL. Resolves when none is left that could be reached. Idempotent. */
  kill(options?: KillOptions): Promise<Exit>;
  /** Hangs up as a closed window does (SIGHUP to the whole tree), then SIGKILL after the policy's grace. */
  close(): Promise<Exit>;
  /** Holds the event loop while it runs and while something is pending; so it is from the start. */
  ref(): this;
  /** Holds it no longer, whatever is pending. The host's end is its end all the same. */
  unref(): this;
  /** `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}
