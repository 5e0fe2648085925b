/** What a program can match on. */

import type { LimitName } from './basics.cjs';
import type { PolicyCode, Refused } from './verdict.cjs';
import type { ExecuteResult } from './calls.cjs';

/**
 * Base class. Test `error.code` or `VettyError.is(error)`: both work across copies of the package, workers' realms and bundles,
 * where `instanceof` does not.
 */
export declare class VettyError extends Error {
  constructor(code: string, message: string, options?: { cause?: unknown });
  readonly code: string;
  static is(value: unknown): value is VettyError;
  /** `{ name, code, message, ... }` with the class's own fields and without `stack`: what `JSON.stringify(error)` gives. */
  toJSON(): Record<string, unknown>;
}

/** Refused by the policy; nothing was spawned. Messages keep the reference system's wording. */
export declare class PolicyError extends VettyError {
  private constructor();
  readonly name: 'PolicyError';
  readonly code: PolicyCode;
  readonly verdict: Refused;
}

/** A wrong configuration, option or argument; `key` names it (`commands.maxArgs`, `options.cwd`). */
export declare class ConfigError extends VettyError {
  private constructor();
  readonly name: 'ConfigError';
  readonly code: 'INVALID_CONFIG' | 'INVALID_OPTION' | 'INVALID_PATTERN' | 'LOCKED';
  readonly key: string;
}

/** The kernel refused; nothing is left behind. Message: `Process execution failed: ...`. `code`, `errno`, `syscall`, `path` as in Node's system errors. */
export declare class SpawnError extends VettyError {
  private constructor();
  readonly name: 'SpawnError';
  readonly code: 'ENOENT' | 'EACCES' | 'EPERM' | 'ENOEXEC' | 'ENOTDIR' | 'EAGAIN' | 'ENOMEM' | 'EMFILE' | 'ENFILE' | 'E2BIG' | 'ELOOP' | 'ETXTBSY' | (string & {});
  readonly errno: number;
  readonly syscall: string;
  readonly path: string | null;
  readonly phase: 'pipe' | 'clone' | 'cgroup' | 'setsid' | 'rlimit' | 'groups' | 'setgid' | 'setuid' | 'chdir' | 'sandbox' | 'exec';
}

/** Ended because its time, or another limit, was over. Message starts with `Process was aborted`. */
export declare class TimeoutError<D = string | Uint8Array> extends VettyError {
  private constructor();
  readonly name: 'TimeoutError';
  readonly code: 'TIMEOUT';
  readonly limit: LimitName;
  /** What there was until then. */
  readonly result: ExecuteResult<D>;
}

/** Ended by an `AbortSignal` (`cause` is its `reason`) or by `Terminal.kill(id)`. Message: `Process was aborted`. */
export declare class AbortError<D = string | Uint8Array> extends VettyError {
  private constructor();
  readonly name: 'AbortError';
  readonly code: 'ABORT_ERR';
  /** Absent if the signal was already aborted: nothing was spawned. */
  readonly result?: ExecuteResult<D>;
}

/** A handle that is used in a way its state forbids. */
export declare class StateError extends VettyError {
  private constructor();
  readonly name: 'StateError';
  /**
   * `LOCKED`: another reader has it. `CLOSED`: it has ended. `NOT_FOUND`: `Process not found: <id>`. `BUSY`: too many calls wait.
   * `TIMEOUT`: the program did not take its input in time.
   */
  readonly code: 'LOCKED' | 'CLOSED' | 'NOT_FOUND' | 'BUSY' | 'TIMEOUT';
}

/** The native binary is missing or does not fit (libc, architecture, Deno's `--allow-ffi`, a bundler that left it out). */
export declare class LoadError extends VettyError {
  private constructor();
  readonly name: 'LoadError';
  readonly code: 'BINARY_NOT_FOUND' | 'BINARY_MISMATCH' | 'PERMISSION_DENIED';
}
