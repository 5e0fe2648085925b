/** What a program can match on. */

import type { LimitName } from './basics.cjs';
import type { PolicyCode, Refused } from './verdict.cjs';
import type { ExecuteResult } from './calls.cjs';
import type { Foreground, WaitCondition } from './session.cjs';

/**
 * Base class of all that is thrown and rejected with. Test `error.code` or `VettyError.is(error)`: both work across copies of the package, workers'
 * realms and bundles, where `instanceof` does not.
 */
export declare class VettyError extends Error {
  /** Stable: what a program should match on. */
  readonly code: string;
  /** Whether it is an error of this package, of whichever copy and realm. */
  static is(value: unknown): value is VettyError;
  /** `{ name, code, message, ... }` with the class's own fields and without `stack`: what `JSON.stringify(error)` gives. */
  toJSON(): Record<string, unknown>;
}

/** Refused by the policy; nothing was spawned. Messages keep the reference system's wording. */
export declare class PolicyError extends VettyError {
  /** Of the class: it tells them apart where `instanceof` does not. */
  readonly name: 'PolicyError';
  readonly code: PolicyCode;
  /** What `check` says of the call. */
  readonly verdict: Refused;
}

/** A wrong configuration, option or argument; `key` names it (`commands.maxArgs`, `options.cwd`). */
export declare class ConfigError extends VettyError {
  /** Of the class: it tells them apart where `instanceof` does not. */
  readonly name: 'ConfigError';
  /** `LOCKED`: the default policy is final. `POLICY_TEST_FAILED`: of a command that a policy file's `tests` name, something else becomes. */
  readonly code: 'INVALID_CONFIG' | 'INVALID_OPTION' | 'INVALID_PATTERN' | 'LOCKED' | 'POLICY_TEST_FAILED';
  /** What is wrong, as a path; empty where no part of it is to blame. */
  readonly key: string;
  /** The policy file that it stands in; `null` if it was not read from one. */
  readonly file: string | null;
}

/** The kernel refused; nothing is left behind. Message: `Process execution failed: ...`. `code`, `errno`, `syscall`, `path` as in Node's system errors. */
export declare class SpawnError extends VettyError {
  /** Of the class: it tells them apart where `instanceof` does not. */
  readonly name: 'SpawnError';
  readonly code: 'ENOENT' | 'EACCES' | 'EPERM' | 'ENOEXEC' | 'ENOTDIR' | 'EAGAIN' | 'ENOMEM' | 'EMFILE' | 'ENFILE' | 'E2BIG' | 'ELOOP' | 'ETXTBSY' | (string & {});
  /** The number of `code` on this platform. */
  readonly errno: number;
  /** What was refused, such as `execve`. */
  readonly syscall: string;
  /** The file or directory that was refused, if one was. */
  readonly path: string | null;
  /** The step between the call and the running program. */
  readonly phase: 'pipe' | 'pty' | 'clone' | 'cgroup' | 'setsid' | 'rlimit' | 'groups' | 'setgid' | 'setuid' | 'chdir' | 'sandbox' | 'exec';
}

/** Ended because its time, or another limit, was over. Message starts with `Process was aborted`. */
export declare class TimeoutError<D = string | Uint8Array> extends VettyError {
  /** Of the class: it tells them apart where `instanceof` does not. */
  readonly name: 'TimeoutError';
  readonly code: 'TIMEOUT';
  /** What was over. */
  readonly limit: LimitName;
  /** What there was until then. */
  readonly result: ExecuteResult<D>;
}

/** Ended by an `AbortSignal` (`cause` is its `reason`) or by `Terminal.kill(id)`. Message: `Process was aborted`. */
export declare class AbortError<D = string | Uint8Array> extends VettyError {
  /** Of the class: it tells them apart where `instanceof` does not. */
  readonly name: 'AbortError';
  readonly code: 'ABORT_ERR';
  /** Absent if the signal was already aborted: nothing was spawned. */
  readonly result?: ExecuteResult<D>;
}

/** A `wait` that did not come true. */
export declare class WaitError extends VettyError {
  /** Of the class: it tells them apart where `instanceof` does not. */
  readonly name: 'WaitError';
  /** `SESSION_ENDED` at once when it can no longer come true. */
  readonly code: 'TIMEOUT' | 'SESSION_ENDED';
  /** What was waited for. */
  readonly condition: WaitCondition;
  /** What was shown last, as `screen.text()`; empty without a screen. */
  readonly screen: string;
  /** Since the last change. */
  readonly idleMs: number;
  /** Who had the terminal. */
  readonly foreground: Foreground;
}

/** A handle that is used in a way its state forbids. */
export declare class StateError extends VettyError {
  /** Of the class: it tells them apart where `instanceof` does not. */
  readonly name: 'StateError';
  /**
   * `LOCKED`: another reader has it. `CLOSED`: it has ended. `NOT_FOUND`: `Process not found: <id>`. `BUSY`: too many calls wait.
   * `TIMEOUT`: the program did not take its input in time. `INPUT_FULL`: too much waits to be typed. `TOO_MANY_SESSIONS`: `sessions.max` are open.
   * `UNSUPPORTED`: the session has no screen.
   */
  readonly code: 'LOCKED' | 'CLOSED' | 'NOT_FOUND' | 'BUSY' | 'TIMEOUT' | 'INPUT_FULL' | 'TOO_MANY_SESSIONS' | 'UNSUPPORTED';
}

/** The native binary is missing or does not fit (libc, architecture, Deno's `--allow-ffi`, a bundler that left it out). */
export declare class LoadError extends VettyError {
  /** Of the class: it tells them apart where `instanceof` does not. */
  readonly name: 'LoadError';
  readonly code: 'BINARY_NOT_FOUND' | 'BINARY_MISMATCH' | 'PERMISSION_DENIED';
}
