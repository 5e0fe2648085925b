// What calls give, by what they are given.

import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';
import { Terminal } from '@vetty/terminal';
import type { CommandLike, Encoding, ExecuteOptions, ExecuteResult, Outcome, Process, Runner, SignalName, SpawnOptions, VettyError, Verdict } from '@vetty/terminal';

declare const terminal: Terminal;
declare const runner: Runner;

// A terminal and the static side are called alike.
expectAssignable<Runner>(terminal);
expectAssignable<Omit<Runner, never>>(Terminal);
expectAssignable<AsyncDisposable>(terminal);
expectAssignable<PromiseLike<void>>(terminal.close());
expectAssignable<PromiseLike<void>>(Terminal.killAll());

// The encoding decides what comes.
expectType<Promise<ExecuteResult<string>>>(terminal.execute('x'));
expectType<Promise<ExecuteResult<string>>>(terminal.execute('x', {}));
expectType<Promise<ExecuteResult<string>>>(Terminal.execute('x', { cwd: '/', timeout: undefined }));
expectType<Promise<ExecuteResult<string>>>(runner.execute('x', { encoding: 'latin1' }));
expectType<Promise<ExecuteResult<Uint8Array>>>(Terminal.execute('x', { encoding: 'buffer' }));
expectType<Promise<Outcome<Uint8Array>>>(Terminal.tryExecute('x', { encoding: 'buffer' }));
expectType<Promise<Process<Uint8Array>>>(terminal.spawn('x'));
expectType<Promise<Process<string>>>(terminal.spawn('x', { encoding: 'utf8' }));

// One that is not known before gives both.
declare const encoding: Encoding;
expectType<Promise<ExecuteResult<string | Uint8Array>>>(terminal.execute('x', { encoding }));

// Callbacks get the same.
terminal.execute('x', { onStdout: (data) => expectType<string>(data) });
terminal.execute('x', { encoding: 'buffer', onStdout: (data) => expectType<Uint8Array>(data), onStderr: (data) => expectType<Uint8Array>(data) });
terminal.execute('x', {
  onExit: (code, signal) => {
    expectType<number | null>(code);
    expectType<SignalName | null>(signal);
  },
});

// Options that were made before are options.
const options: ExecuteOptions = { timeout: 5, env: { A: '1', B: undefined } };
expectType<Promise<ExecuteResult<string>>>(terminal.execute('x', options));
const spawnOptions: SpawnOptions = { input: 'pipe', stderr: 'merge' };
expectType<Promise<Process<Uint8Array>>>(terminal.spawn('x', spawnOptions));

// What is none is none.
expectError(terminal.execute('x', { encoding: 'utf-16' }));
expectError(terminal.execute('x', { cwdd: '/' }));
expectError(terminal.execute('x', { timeout: '5' }));
expectError(terminal.execute('x', { stderr: 'merge' }));
expectError(terminal.execute('x', { input: 'pipe', signal: new AbortController() }));
expectError(terminal.spawn('x', { background: true }));
expectError(terminal.check('x', { timeout: 5 }));
expectError(terminal.execute([]));
expectError(terminal.execute(['x', 7]));

// A line, or an argv with its program.
expectAssignable<CommandLike>('git status');
expectAssignable<CommandLike>(['git', 'status'] as const);
expectNotAssignable<CommandLike>([]);

// Everything that flows is an input.
terminal.execute('x', { input: 'text' });
terminal.execute('x', { input: new Uint8Array(1) });
terminal.execute('x', { input: new Blob(['x']).stream() });
terminal.spawn('x', { input: (async function* () { yield 'a'; yield new Uint8Array(1); })() });
expectError(terminal.execute('x', { input: 7 }));

// A template.
expectType<Promise<ExecuteResult<string>>>(terminal.$`git log -n ${7} ${'x'}`);
expectType<Promise<ExecuteResult<string>>>(Terminal.$`git log`);
expectError(terminal.$`git log ${['x']}`);
expectError(terminal.$('git log'));

// A verdict is told apart by `allowed`, and is there at once or later.
const verdict = terminal.check('x', { cwd: '/', env: {} });
expectType<Verdict>(verdict);
expectType<Promise<Verdict>>(terminal.checkAsync('x'));
expectType<string | null>(verdict.program);
if (verdict.allowed) {
  expectType<'ALLOWED'>(verdict.code);
  expectType<string>(verdict.program);
  expectType<null>(verdict.hint);
} else {
  expectType<string | null>(verdict.hint);
  expectAssignable<string>(verdict.code);
}

// An outcome is told apart by `ok`.
declare const outcome: Outcome;
if (outcome.ok) {
  expectType<ExecuteResult<string>>(outcome.result);
  expectType<null>(outcome.error);
} else {
  expectType<ExecuteResult<string> | null>(outcome.result);
  expectType<VettyError>(outcome.error);
}

// Results are read, not written.
declare const result: ExecuteResult;
expectType<number | null>(result.exitCode);
expectType<Date>(result.startedAt);
expectType<{ readonly stdout: number; readonly stderr: number }>(result.bytes);
expectError((result.exitCode = 0));
