/**
 * `@vetty/terminal/node-pty`: the shape of node-pty over this package's engine. Existing code switches by changing one import.
 *
 * Differences from the rest of the package, all node-pty's: `spawn` is synchronous (it waits for the kernel to start the program), a program that
 * cannot be started is exit code 1 and not an error, `signal` is a number, `exitCode` is 0 after a signal, and output is pushed at once unless paused.
 *
 * Differences from node-pty: `onExit` comes strictly after the last `onData`, also of a terminal that was paused; nothing is lost at the end. A
 * program that could not be started has `pid` NaN. More than 8 MiB that wait to be typed make `write` throw `INPUT_FULL`. At most 1000 columns and rows.
 */

import type { Terminal } from './types/terminal.cjs';

/** Ends what it was given for. */
export interface IDisposable {
  /** Stops listening. */
  dispose(): void;
}

/** Registers a listener. */
export interface IEvent<T> {
  (listener: (e: T) => unknown): IDisposable;
}

/** Options of `spawn`. */
export interface IBasePtyForkOptions {
  /** `TERM`. Default: that of `env`, else `'xterm'`. */
  name?: string;
  /** Default 80. */
  cols?: number;
  /** Default 24. */
  rows?: number;
  /** Default `process.cwd()`. */
  cwd?: string;
  /** The whole environment. Default `process.env` without what is about the terminal of this process (TMUX, STY, COLUMNS ...). */
  env?: { [key: string]: string | undefined };
  /** Default `'utf8'`; `null` gives bytes (a `Buffer`). */
  encoding?: string | null;
  /** `write` takes the two texts below for `pause()` and `resume()`. Default `false`. */
  handleFlowControl?: boolean;
  /** Default XOFF, `'\x13'`. */
  flowControlPause?: string;
  /** Default XON, `'\x11'`. */
  flowControlResume?: string;
  /**
   * Judges the command, the directory and the environment by this terminal's policy; a refusal throws `PolicyError`.
   * Default: the default terminal once it is `lock()`ed; else none: the program runs UNVETTED, as in node-pty.
   */
  terminal?: Terminal;
}

/** Options of `spawn` on POSIX. */
export interface IPtyForkOptions extends IBasePtyForkOptions {
  /** Run as this user. With `terminal` the policy's own holds. */
  uid?: number;
  /** Run as this group. */
  gid?: number;
}

/** Options of `spawn` on Windows; taken and without effect elsewhere. */
export interface IWindowsPtyForkOptions extends IBasePtyForkOptions {
  /** Without effect. */
  useConpty?: boolean;
  /** Without effect. */
  useConptyDll?: boolean;
  /** Without effect. */
  conptyInheritCursor?: boolean;
}

/** A program on a pseudo-terminal. */
export interface IPty<T = string> {
  /** NaN if it could not be started. */
  readonly pid: number;
  /** As last set. */
  readonly cols: number;
  /** As last set. */
  readonly rows: number;
  /** Name of the foreground process. */
  readonly process: string;
  /** See the option. */
  handleFlowControl: boolean;
  /** Output, pushed as it comes. */
  readonly onData: IEvent<T>;
  /** After the last `onData`. */
  readonly onExit: IEvent<{ exitCode: number; signal?: number }>;
  /** As `onData`. */
  on(event: 'data', listener: (data: T) => void): void;
  /** As `onExit`. */
  on(event: 'exit', listener: (exitCode: number, signal?: number) => void): void;
  /** Throws for what is not positive. Silent after the end. */
  resize(columns: number, rows: number, pixelSize?: { width: number; height: number }): void;
  /** Does nothing on POSIX. */
  clear(): void;
  /** Silent after the end. @throws {StateError} `INPUT_FULL` */
  write(data: string | Uint8Array): void;
  /** One signal to the whole tree, with nothing after it. Default SIGHUP. */
  kill(signal?: string): void;
  /** Holds the output back; the program is slowed, nothing is lost. */
  pause(): void;
  /** Lets it flow again. */
  resume(): void;
}

/**
 * Starts a program on a pseudo-terminal.
 *
 * @throws {PolicyError} if a policy holds and refuses it
 */
export declare function spawn(
  file: string,
  args: string[] | string,
  options: (IPtyForkOptions | IWindowsPtyForkOptions) & { encoding: null },
): IPty<Uint8Array>;
export declare function spawn(file: string, args?: string[] | string, options?: IPtyForkOptions | IWindowsPtyForkOptions): IPty;

declare const entry: {
  /** The same function. */
  spawn: typeof spawn;
};
export default entry;
