/**
 * `@vetty/terminal`: vet a command, run it, see what comes of it. Node >= 18.18, Deno, Bun.
 *
 * Rules that hold everywhere below:
 * - Times are milliseconds, sizes are bytes, counts are integers. `0` means "none" for times. An explicit `undefined` is the default.
 *   An unknown key or a wrong type is a {@link ConfigError} that names the key; options are checked like the configuration. Only own
 *   properties are read (a polluted `Object.prototype` reaches nothing).
 * - Every promise-returning function reports by rejection. One exception, kept because code written for the reference system relies on it:
 *   `execute` throws refusals ({@link PolicyError}, {@link ConfigError}) synchronously. `tryExecute` never throws and never rejects.
 * - Bytes are plain `Uint8Array`s that belong to the receiver and are never reused (so `chunk.toString()` is not text: use `encoding`).
 * - Results, verdicts and list items are plain data: they survive `structuredClone`, `postMessage` and `JSON.stringify`.
 * - A promise kept as a property (`exited`) never raises `unhandledRejection`.
 * - Importing has no side effect; the native binary is loaded at the first use, and a binary that does not fit is a {@link LoadError} there.
 * - The event loop is kept alive by pending calls and by live processes and sessions that are not `unref()`ed; by nothing else.
 * - When the host's environment ends (process exit, worker termination) every child tree that it started is killed.
 */

/// <reference lib="es2022" />
/// <reference lib="esnext.disposable" />

import type { CommandConfig as _CommandConfig, EnvConfig as _EnvConfig, TerminalConfig as _TerminalConfig } from './types/configuration.cjs';
import type { ExecuteOptions as _ExecuteOptions, ExecuteResult as _ExecuteResult } from './types/calls.cjs';
import type { ProcessListItem as _ProcessListItem, ProcessOutput as _ProcessOutput } from './types/terminal.cjs';

export * from './types/basics.cjs';
export * from './types/configuration.cjs';
export * from './types/audit.cjs';
export * from './types/verdict.cjs';
export * from './types/explanation.cjs';
export * from './types/errors.cjs';
export * from './types/calls.cjs';
export * from './types/process.cjs';
export * from './types/screen.cjs';
export * from './types/session.cjs';
export * from './types/session_events.cjs';
export * from './types/terminal.cjs';
export { Terminal as default } from './types/terminal.cjs';

/**
 * The version of the native binary, which is loaded for it.
 *
 * @throws {LoadError}
 */
export declare function version(): string;

/** @deprecated The reference system exports its types as a namespace; import them by name instead. */
export declare namespace Types {
  type CommandConfig = _CommandConfig;
  type EnvConfig = _EnvConfig;
  type TerminalConfig = _TerminalConfig;
  type ExecuteOptions = _ExecuteOptions;
  type ExecuteResult = _ExecuteResult;
  type ProcessListItem = _ProcessListItem;
  type ProcessOutput = _ProcessOutput;
}
