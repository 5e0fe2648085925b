// Errors: what a program can match on.

import { expectAssignable, expectNotAssignable, expectType } from 'tsd';
import { AbortError, ConfigError, LoadError, PolicyError, SpawnError, StateError, TimeoutError, VettyError } from '@vetty/terminal';
import type { ExecuteResult, LimitName, Refused } from '@vetty/terminal';

for (const kind of [AbortError, ConfigError, LoadError, PolicyError, SpawnError, StateError, TimeoutError, VettyError]) {
  // As the assertions of test frameworks take them.
  expectAssignable<new () => Error>(kind);
}

declare const error: unknown;
if (VettyError.is(error)) {
  expectType<VettyError>(error);
  expectType<string>(error.code);
  expectType<Record<string, unknown>>(error.toJSON());
}
if (error instanceof PolicyError) {
  expectType<'PolicyError'>(error.name);
  expectType<Refused>(error.verdict);
}
if (error instanceof ConfigError) expectType<string>(error.key);
if (error instanceof SpawnError) {
  expectType<string | null>(error.path);
  expectType<number>(error.errno);
}
if (error instanceof TimeoutError) {
  expectType<'TIMEOUT'>(error.code);
  expectType<LimitName>(error.limit);
}
if (error instanceof AbortError) expectType<'ABORT_ERR'>(error.code);

declare const late: TimeoutError<string>;
expectType<ExecuteResult<string>>(late.result);
declare const aborted: AbortError<Uint8Array>;
expectType<ExecuteResult<Uint8Array> | undefined>(aborted.result);

// The names tell them apart.
declare const known: PolicyError | ConfigError | SpawnError;
if (known.name === 'SpawnError') expectType<string>(known.syscall);
expectNotAssignable<PolicyError>({} as ConfigError);
