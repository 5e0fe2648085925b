// A program on a terminal, and what it is waited for.

import { expectAssignable, expectError, expectType } from 'tsd';
import { Terminal, WaitError } from '@vetty/terminal';
import type { Exit, Session, WaitCondition, WaitResult } from '@vetty/terminal';

const terminal = new Terminal({});
expectType<Promise<Session<Uint8Array>>>(terminal.open('bash'));
expectType<Promise<Session<string>>>(terminal.open(['bash', '-l'], { encoding: 'utf8', cols: 120, term: 'xterm' }));
expectType<Promise<Session<Uint8Array>>>(Terminal.open('bash', { signal: AbortSignal.timeout(1000) }));
expectType<Session<Uint8Array> | undefined>(Terminal.getSession('x'));
expectError(terminal.open('bash', { encoding: 'base64' }));
expectError(terminal.open('bash', { background: true }));

declare const session: Session<string>;
expectType<Promise<void>>(session.send('ls', { enter: true }));
expectType<Promise<WaitResult>>(session.send('ls\n', { until: { output: /\$ $/ } }));
expectType<Promise<WaitResult>>(session.wait({ any: [{ output: 'a' }, { exit: true }] }, { timeout: 5 }));
expectType<Promise<Exit>>(session.close());
expectType<Promise<void>>(session.resize({ cols: 80, rows: 24, width: 640, height: 480 }));
expectError(session.resize({ cols: 80 }));
expectError(session.wait({ settled: 'x' }));
expectAssignable<WaitCondition>({ all: [{ settled: 100 }] });
async () => {
  for await (const text of session) expectType<string>(text);
};

declare const error: WaitError;
expectType<'TIMEOUT' | 'SESSION_ENDED'>(error.code);
expectType<string | null>(error.foreground.name);
