// Running programs: what is read from them, written to them, and known of them.

import { expectAssignable, expectError, expectType } from 'tsd';
import { Terminal } from '@vetty/terminal';
import type { Chunk, ExecuteResult, Exit, Process, ProcessListItem, ProcessOutput, SignalName } from '@vetty/terminal';

declare const bytes: Process;
declare const text: Process<string>;

expectType<Process<Uint8Array>>(bytes);
expectAssignable<AsyncIterable<Chunk<Uint8Array>>>(bytes);
expectAssignable<AsyncDisposable>(bytes);

async function read() {
  for await (const { source, data } of bytes) {
    expectType<'stdout' | 'stderr'>(source);
    expectType<Uint8Array>(data);
  }
  for await (const { data } of text) expectType<string>(data);
  for await (const line of bytes.lines({ from: 'stderr' })) expectType<string>(line);
}
expectType<Promise<void>>(read());
expectError(bytes.lines({ from: 'stdin' }));

// Web streams are bytes, whatever the encoding.
expectType<ReadableStream<Uint8Array>>(text.stdout);
expectType<ReadableStream<Uint8Array>>(text.stderr);
expectType<WritableStream<Uint8Array | string>>(text.stdin);

expectType<Promise<void>>(bytes.write('x', { timeout: 5, signal: new AbortController().signal }));
expectType<Promise<void>>(bytes.end());
expectError(bytes.write(7));

expectType<Promise<ExecuteResult<Uint8Array>>>(bytes.wait());
expectType<Promise<ExecuteResult<string>>>(text.wait());
expectType<Promise<Exit>>(bytes.exited);
expectType<Promise<Exit>>(bytes.kill({ signal: 'SIGINT', grace: 0 }));
expectType<number | null>(bytes.exitCode);
expectType<SignalName | null>(bytes.signalCode);
expectType<boolean>(bytes.signal('SIGUSR1'));
expectError(bytes.signal('SIGNOTHING'));
expectType<Process<Uint8Array>>(bytes.ref().unref());

// By their id.
expectType<ProcessListItem[]>(Terminal.getList());
expectType<Process<string> | undefined>(Terminal.getProcess('term_0'));
expectType<ProcessOutput>(Terminal.getOutput('term_0'));
expectType<number | null>(Terminal.getExitCode('term_0'));
expectType<boolean>(Terminal.kill('term_0'));
expectType<void>(Terminal.stream('term_0', (data) => expectType<string>(data), (data) => expectType<string>(data)));
