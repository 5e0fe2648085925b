/** The options and results of a call. */

import type { Decoded, Encoding, EndReason, KillScope, LimitName, SandboxFeature, SandboxLevel, SignalName } from './basics.cjs';
import type { VettyError } from './errors.cjs';

/** Everything that can be fed to a child's stdin. A stream is read only as fast as the child reads. */
export type Input = string | Uint8Array | ReadableStream<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

/** Common to all that runs. */
export interface CallOptions {
  /** Default: the first workspace, else the host's cwd at the call. */
  readonly cwd?: string;
  /** Added to the host's `process.env` as it is in the calling thread at the call (not libc's environment), then filtered. `undefined` values are skipped. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** From spawn to exit. Default: the policy's; `0` none. */
  readonly timeout?: number;
  /** Aborting kills the tree. Already aborted: nothing is spawned, the promise rejects (a refusal by the policy comes first). */
  readonly signal?: AbortSignal;
  /** Only a stricter one than the policy's: a weaker level changes nothing, and `network: 'none'` raises the level to `confine`. */
  readonly sandbox?: { readonly level?: SandboxLevel; readonly network?: 'none' };
}

/** Of `check` and `checkAsync`. */
export type CheckOptions = Pick<CallOptions, 'cwd' | 'env' | 'sandbox'>;

/** Of `execute` and `tryExecute`. */
export interface ExecuteOptions<E extends Encoding = 'utf8'> extends CallOptions {
  /** Default `'utf8'`. */
  readonly encoding?: E;
  /** Default: nothing, stdin is the null device. */
  readonly input?: Input;
  /** Kept for each stream. Default: the policy's `output.maxBytes`, which also bounds it. */
  readonly maxBytes?: number;
  /** Resolve when it has started; see `getProcess`, `getOutput`, `kill`. It keeps the event loop alive and its `timeout` holds. Default `false`. */
  readonly background?: boolean;
  /** `false` silences the two callbacks. Default `true` if one is given. */
  readonly stream?: boolean;
  /** Whole characters, in order. A throw kills the run and rejects with what was thrown. Not awaited: for back-pressure use `spawn`. */
  readonly onStdout?: (data: Decoded<E>) => void;
  /** The same of standard error. */
  readonly onStderr?: (data: Decoded<E>) => void;
  /** Once, after the last `onStdout`/`onStderr`, before the promise settles. */
  readonly onExit?: (code: number | null, signal: SignalName | null) => void;
}

/** Plain data. `execute` resolves with it for any exit code and any signal that we did not send. */
export interface ExecuteResult<D = string> {
  /** `term_` and 32 hex digits. */
  readonly id: string;
  /** Of the program itself, the leader of its process group. */
  readonly pid: number;
  /** As it was judged and started. */
  readonly argv: readonly string[];
  /** `null` if ended by a signal, lost, or still running. */
  readonly exitCode: number | null;
  /** What ended it; `null` if it ended by itself. */
  readonly signal: SignalName | null;
  /** Why it ended, where `signal` says how. */
  readonly reason: EndReason;
  /** `reason === 'timeout'`: the call's time, not `limits.wall`. True only in an error's `result`. */
  readonly timedOut: boolean;
  /** `wall` of a timeout too; `reason` tells the two apart. */
  readonly limit: LimitName | null;
  /** What was kept of standard output. Callbacks hear it besides; what a reader of a `Process` took is not in it. */
  readonly stdout: D;
  /** The same of standard error. */
  readonly stderr: D;
  /** Exact counts of what the child wrote, kept or not. */
  readonly bytes: { readonly stdout: number; readonly stderr: number };
  /** Something was left out of `stdout` or `stderr`; where and how much. */
  readonly truncated: boolean;
  /** Where, and how much; `null` if nothing was. */
  readonly omitted: { readonly stdout: Omitted | null; readonly stderr: Omitted | null };
  /** A descendant still held a pipe when reading stopped. */
  readonly incomplete: boolean;
  /** How many processes it left behind; they were killed. */
  readonly survivors: number;
  /** When the program was started. */
  readonly startedAt: Date;
  /** From then to the last byte. */
  readonly durationMs: number;
  /** What was enforced, and how a kill would have reached the tree. */
  readonly enforced: Enforced;
}

/** A gap in what was kept. */
export interface Omitted {
  /** Where it is, in bytes of the kept output. */
  readonly offset: number;
  /** How long it is. */
  readonly bytes: number;
}

/** What held the run. */
export interface Enforced {
  /** Of the sandbox. */
  readonly level: SandboxLevel;
  /** The parts that were applied. */
  readonly features: readonly SandboxFeature[];
  /** What was asked, is missing here, and may be (`sandbox.allowDegraded`). */
  readonly degraded: readonly SandboxFeature[];
  /** How far a kill would have reached. */
  readonly kill: KillScope;
}

/** `tryExecute`: `ok` says whether the program ran to its own end (with any exit code). */
export type Outcome<D = string> =
  | { readonly ok: true; readonly result: ExecuteResult<D>; readonly error: null }
  | { readonly ok: false; readonly result: ExecuteResult<D> | null; readonly error: VettyError };

/** Of `spawn`. */
export interface SpawnOptions<E extends Encoding = 'buffer'> extends CallOptions {
  /** Of the iterator, `lines()` aside. Default `'buffer'`. */
  readonly encoding?: E;
  /** `'pipe'`: written by `stdin`/`write`. Default: the null device. */
  readonly input?: 'pipe' | Input;
  /** `'merge'`: stderr goes into stdout's pipe, in the kernel's order. Default `'pipe'`. */
  readonly stderr?: 'pipe' | 'merge' | 'ignore';
  /** Kept for each stream of what nobody reads. Default: the policy's `output.maxBytes`, which also bounds it. */
  readonly maxBytes?: number;
}
