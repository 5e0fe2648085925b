// A program on a terminal, and what it is waited for.

import { expectAssignable, expectError, expectType } from 'tsd';
import { Terminal, WaitError } from '@vetty/terminal';
import type { Color, Exit, Screen, SearchMatch, Session, WaitCondition, WaitResult } from '@vetty/terminal';

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
expectAssignable<WaitCondition>({ all: [{ settled: 100 }, { text: 'x' }, { gone: /x/ }, { cursor: { row: 1 } }] });
expectError(session.wait({ cursor: { row: 'x' } }));
expectType<Promise<Session<Uint8Array>>>(terminal.open('bash', { screen: false, replies: { device: false } }));
expectType<Promise<void>>(session.press('Ctrl+C', 'Enter'));
expectType<Promise<void>>(session.mouse({ action: 'click', at: { row: 1, col: 2 }, modifiers: ['ctrl'] }));
expectError(session.mouse({ action: 'drag', at: { row: 1, col: 2 } }));
expectType<() => void>(session.on('title', (event) => expectType<string>(event.title)));
expectType<() => void>(session.on('clipboard', (event) => expectType<Uint8Array>(event.data), { signal: AbortSignal.timeout(1) }));
expectError(session.on('nothing', () => {}));
expectType<Screen>(session.screen);
expectType<string>(session.screen.text({ scope: 'all', maxBytes: 1000, fold: true }));
expectType<Color>(session.screen.cells({ rows: [0, 1] })[0]![0]!.foreground);
expectType<readonly SearchMatch[]>(session.screen.search(/x/, { limit: 1 }));
expectType<Uint8Array>(session.screen.toVt());
expectType<Promise<Uint8Array>>(session.screen.png({ theme: 'nord', scale: 2 }));
expectType<string>(session.screen.svg({ theme: { foreground: '#000000', background: '#ffffff', palette: [] } }));
expectError(session.screen.html({ theme: 'pink' }));
expectError(session.screen.text({ scope: 'line' }));
async () => {
  for await (const text of session) expectType<string>(text);
};

declare const error: WaitError;
expectType<'TIMEOUT' | 'SESSION_ENDED'>(error.code);
expectType<string | null>(error.foreground.name);
expectType<string>(error.screen);
