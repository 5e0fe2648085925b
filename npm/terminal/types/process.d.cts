/** A program on pipes. */

import type { Exit, SignalName } from './basics.cjs';
import type { ExecuteResult } from './calls.cjs';

/** A piece of output. */
export interface Chunk<D = Uint8Array> {
  /** Where it was written. */
  readonly source: 'stdout' | 'stderr';
  /** Never empty; up to 256 KiB. */
  readonly data: D;
}

/** Of `lines`. */
export interface ReadOptions {
  /** Which output. Default both, in the order of arrival. */
  readonly from?: 'stdout' | 'stderr' | 'all';
}

/**
 * A program on pipes.
 *
 * Reading. One reader at a time a stream: the iterator, `lines()` or `stdout`/`stderr`; a second one gets `LOCKED`. Nothing is lost before the
 * first reader comes: up to `highWaterMark` is held, then the child waits. From the first read or `wait()` on, a stream that nobody reads is drained
 * into the capture (bounded), so that an unread stderr cannot stop the program.
 *
 * `break`, `return` or a throw in `for await` releases the reader and nothing else: the program runs on, the next reader goes on
 * where the last one stopped. To end the program: `kill()`, `await using`, or the `AbortSignal`.
 */
export interface Process<D = Uint8Array> extends AsyncIterable<Chunk<D>>, AsyncDisposable {
  /** `term_` and 32 hex digits; known to the terminal while it runs, and for `output.retain` afterwards. */
  readonly id: string;
  /** Of the program itself, the leader of its process group. */
  readonly pid: number;
  /** As it was judged and started. */
  readonly argv: readonly string[];
  /** When it was started. */
  readonly startedAt: Date;
  /** `null` until it has ended. */
  readonly exitCode: number | null;
  /** What ended it; `null` until then, and if it ended by itself. */
  readonly signalCode: SignalName | null;
  /** Resolves when the program ended and its last byte was read from the kernel (it may still wait in our buffer). Does not read. Never rejects. */
  readonly exited: Promise<Exit>;
  /** Created at the first access. Cancelling one closes that pipe: the program may get SIGPIPE. */
  readonly stdout: ReadableStream<Uint8Array>;
  /** The same of standard error. */
  readonly stderr: ReadableStream<Uint8Array>;
  /** Throws `CLOSED` unless `input: 'pipe'`. */
  readonly stdin: WritableStream<Uint8Array | string>;
  /** Both streams, in the order of arrival; see above for what `break` does. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Chunk<D>>;
  /** Text lines without their terminator (LF or CR LF); a last one without terminator counts; one longer than 1 MiB is split. */
  lines(options?: ReadOptions): AsyncIterableIterator<string>;
  /** Resolves when all of it was accepted by the pipe; nothing is accepted after an abort. */
  write(data: Uint8Array | string, options?: WriteOptions): Promise<void>;
  /** Closes stdin. */
  end(): Promise<void>;
  /** Drains what nobody reads, then as `execute`, but for a run ended by `kill()` it resolves (`reason: 'killed'`). `stdout`/`stderr` hold what was captured. */
  wait(): Promise<ExecuteResult<D>>;
  /** One signal to the program alone, by pidfd. `false` if it has ended. */
  signal(name: SignalName): boolean;
  /** The whole tree: `signal` (default the policy's), after `grace` SIGKILL. Resolves when none is left that could be reached. Idempotent. */
  kill(options?: KillOptions): Promise<Exit>;
  /** Holds the event loop while it runs and while it is read, written or waited for; so it is from the start. */
  ref(): this;
  /** Holds it no longer, whatever is pending. The host's end is its end all the same. */
  unref(): this;
  /** `kill()`, then frees everything. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Of `write`. */
export interface WriteOptions {
  /** Aborting ends the wait; what was accepted stays accepted. */
  readonly signal?: AbortSignal;
  /** Then it rejects with `TIMEOUT`. Default none. */
  readonly timeout?: number;
}

/** Of `kill`. */
export interface KillOptions {
  /** The first signal. Default: the policy's `commands.killSignal`. */
  readonly signal?: SignalName;
  /** From it to SIGKILL. Default: the policy's `commands.killGrace`. */
  readonly grace?: number;
}
