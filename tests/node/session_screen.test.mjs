// What a session's terminal shows: looked at, waited for, typed to.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Terminal, WaitError } from '@vetty/terminal';

const home = mkdtempSync(join(tmpdir(), 'vetty-screen-'));
after(() => rmSync(home, { recursive: true }));
const terminal = new Terminal({
  workspaces: [home, '/'],
  commands: { allow: [], strictArgs: false },
  env: { set: { HOME: home, PS1: 'ready> ', LESSHISTFILE: '-' } },
  sessions: { waitTimeout: 60_000 },
});
const sh = (script, options) => terminal.open(['sh', '-c', script], options);
const bash = () => terminal.open('bash --norc --noprofile', { cols: 100, rows: 30 });
const file = (name, text) => {
  writeFileSync(join(home, name), text);
  return name;
};

test('a shell is driven by what it shows', async () => {
  const session = await bash();
  await session.wait({ text: 'ready> ' });
  const { match, sequence, condition } = await session.send('echo $((6 * 7))\n', { until: { text: /^(4)(2)$/ } });
  assert.deepEqual(match, { text: '42', groups: ['4', '2'], at: { row: 1, col: 0 } });
  assert.deepEqual(condition, { text: /^(4)(2)$/ });
  assert.ok(sequence > 0 && sequence <= session.screen.sequence);
  await session.send('true', { enter: true, until: { text: 'ready> ' } });
  assert.equal(session.screen.text().split('\n')[0], 'ready> echo $((6 * 7))');
  await session.press('Ctrl+D');
  assert.equal((await session.exited).exitCode, 0);
  assert.match(session.screen.text(), /^42$/m);
});

test('vim is edited by keys', async () => {
  const session = await terminal.open(['vim', '-N', '-u', 'NONE', '-i', 'NONE', '-n', file('text', 'one\ntwo\n')], { cols: 60, rows: 10 });
  await session.wait({ text: '"text" 2L' });
  assert.equal(session.screen.alternate, true);
  await session.press('Down', 'End');
  await session.wait({ cursor: { row: 1, col: 2 } });
  await session.press('a', '漢', '!');
  await session.wait({ text: /^two漢!$/, cursor: { col: 6 } });
  await session.press('Escape');
  await session.wait({ gone: '-- INSERT --' });
  await session.send(':x\n', { until: { exit: true } });
  assert.equal(readFileSync(join(home, 'text'), 'utf8'), 'one\ntwo漢!\n');
});

test('less pages', async () => {
  const lines = Array.from({ length: 200 }, (_, n) => `line ${n + 1}\n`).join('');
  const session = await terminal.open(['less', file('lines', lines)], { cols: 40, rows: 10 });
  await session.wait({ text: 'line 9' });
  await session.send('G', { until: { all: [{ text: 'line 200' }, { gone: /^line 9$/ }] } });
  await session.wait({ text: '(END)' });
  assert.equal(session.screen.snapshot().lines[0], 'line 192');
  await session.press('q');
  await session.exited;
});

test('a wait that comes too late tells what is shown', async () => {
  const session = await sh('printf "Password: "; stty -echo; read x');
  await session.wait({ text: 'Password: ' });
  while ((await session.foreground()).echo) await new Promise((resolve) => setTimeout(resolve, 5));
  const late = await session.wait({ text: 'never' }, { timeout: 50 }).catch((error) => error);
  assert.ok(late instanceof WaitError);
  assert.deepEqual([late.code, late.screen, late.foreground.state], ['TIMEOUT', 'Password:', 'password']);
  const ended = await session.send('x\n', { until: { gone: 'Password' } }).catch((error) => error);
  assert.deepEqual([ended.code, ended.screen], ['SESSION_ENDED', 'Password:']);
  assert.ok(ended.idleMs >= 0);
});

test('text, cells, changes, search and repainting', async () => {
  const session = await sh(`printf '\\033[1;31mred\\033[m 漢x\\033]2;name\\007\\n'; i=0; while [ $i -lt 100 ]; do echo same; i=$((i+1)); done`);
  await session.exited;
  const { screen } = session;
  assert.deepEqual([screen.cols, screen.rows, screen.title, screen.cwd, screen.historyLines], [80, 24, 'name', null, 78]);
  assert.deepEqual(screen.cursor, { row: 23, col: 0, visible: true, shape: 'block' });
  assert.equal(screen.text({ scope: 'all', fold: true }), 'red 漢x\nsame [x100]');
  assert.ok(screen.text({ scope: 'all', maxBytes: 100 }).length <= 100);
  assert.equal(screen.text({ scope: 'history' }).split('\n').length, 78);
  assert.deepEqual(screen.search('x', { scope: 'all' }), [{ at: { row: -78, col: 6 }, end: { row: -78, col: 7 }, text: 'x' }]);
  assert.equal(screen.search(/s(a)me/g, { limit: 3 }).length, 3);
  assert.equal(screen.cells({ rows: [0, 1] })[0][0].text, 's');
  assert.equal(screen.cells().length, 24);
  assert.deepEqual(screen.changes(screen.sequence), []);
  assert.deepEqual(screen.snapshot().size, { cols: 80, rows: 24 });
  assert.match(new TextDecoder().decode(screen.toVt({ history: true })), /red/);
  assert.equal(Object.getPrototypeOf(screen.toVt()), Uint8Array.prototype);
  assert.deepEqual(structuredClone(screen.snapshot()), screen.snapshot());
});

test('what a shell marks is a command', async () => {
  const session = await sh(`printf '\\033]133;A\\007$ \\033]133;B\\007ls\\r\\n\\033]133;C\\007README\\r\\n\\033]133;D;3\\007'`);
  await session.exited;
  const [command] = session.screen.commands;
  assert.deepEqual([command.command, command.exitCode, command.running], ['ls', 3, false]);
  assert.ok(command.startedAt instanceof Date && command.durationMs >= 0);
  assert.equal(session.screen.text({ command: command.id }), 'README');
});

test('events are told by their type, and the exit is the last', async () => {
  const session = await sh(`printf '\\033]2;build\\007\\007\\033]52;c;aGVsbG8=\\007\\033]9;4;1;40\\007'; read x; exit 3`);
  const told = [];
  const types = ['title', 'bell', 'clipboard', 'progress', 'resize', 'exit'];
  for (const type of types) session.on(type, (event) => told.push(event));
  const controller = new AbortController();
  session.on('resize', () => assert.fail('it was aborted'), { signal: controller.signal });
  controller.abort();
  const off = session.on('resize', () => assert.fail('it was removed'));
  off();
  await new Promise((resolve) => session.on('progress', resolve));
  await session.resize({ cols: 90, rows: 20 });
  await session.send('\n');
  await new Promise((resolve) => session.on('exit', resolve));
  assert.deepEqual(told.map(({ type }) => type), types);
  assert.deepEqual(told[2].data, new TextEncoder().encode('hello'));
  assert.deepEqual(told[3], { type: 'progress', state: 'normal', percent: 40 });
  assert.deepEqual(told[4].size, { cols: 90, rows: 20 });
  assert.equal(told[5].exit.exitCode, 3);
});

test('a file that a picture names is read where the policy says so', { skip: process.platform !== 'linux' }, async () => {
  writeFileSync(join(home, 'picture'), 'bytes');
  const name = Buffer.from(join(home, 'picture')).toString('base64');
  const script = `printf '\\033_Ga=T,f=100,t=f;${name}\\033\\\\'; read x`;
  for (const [imageFiles, expected] of [[[home], 'bytes'], [[], null]]) {
    const own = new Terminal({ commands: { allow: [], strictArgs: false }, sessions: { imageFiles } });
    const session = await own.open(['sh', '-c', script]);
    const { file, payload } = await new Promise((resolve) => session.on('image', resolve));
    assert.deepEqual([file, payload && new TextDecoder().decode(payload)], [join(home, 'picture'), expected]);
    await own.close();
  }
});

test('a listener that throws is not called again, and nobody else is harmed', async () => {
  const session = await sh(`read x; printf '\\007\\007'; read x`);
  let [calls, bells] = [0, 0];
  const warned = new Promise((resolve) => process.once('warning', resolve));
  session.on('bell', () => {
    calls += 1;
    throw new Error('mine');
  });
  const rung = new Promise((resolve) => session.on('bell', () => (bells += 1) === 2 && resolve()));
  await session.send('\n');
  await rung;
  assert.equal(calls, 1);
  assert.match((await warned).message, /'bell' threw/);
  await session.kill();
});

test('the mouse and the focus are told to those who asked', async () => {
  const session = await sh(`stty raw -echo; printf '\\033[?1000h\\033[?1006h\\033[?1004hready'; head -c 26 | od -An -c -w26; sleep 60`);
  await session.wait({ text: 'ready' });
  await session.mouse({ action: 'click', at: { row: 4, col: 9 } });
  await session.focus(true);
  await session.write('123');
  await session.wait({ text: /< +0 +; +1 +0 +; +5 +M.*;\s+5 +m +033 +\[ +I +1 +2 +3/ });
  await session.kill();
});

test('a query is answered unless that is switched off', async () => {
  const script = `stty raw -echo; printf 'ask\\033[6n'; head -c 3 | od -An -c; sleep 60`;
  const answered = await sh(script);
  await answered.wait({ text: /033 +\[ +1/ });
  const silent = await sh(script, { replies: { device: false } });
  await silent.wait({ text: 'ask' });
  await silent.write('abc');
  await silent.wait({ text: /a +b +c/ });
  await Promise.all([answered.kill(), silent.kill()]);
});

test('who asks for the clipboard is answered by who listens, where the policy says so', async () => {
  const own = new Terminal({ commands: { allow: [], strictArgs: false }, sessions: { replies: { clipboard: true } } });
  const session = await own.open(['sh', '-c', `stty raw -echo; printf '\\033]52;c;?\\007'; head -c 13 | od -An -c; sleep 60`]);
  session.on('clipboardRead', ({ selection }) => session.screen.answerClipboard(selection, 'hello'));
  await session.wait({ text: /033 +\] +5 +2 +; +c +; +a +G +V +s +b/ });
  await own.close();
});

test('without a screen there is none', async () => {
  const session = await terminal.open('cat', { screen: false });
  assert.throws(() => session.screen, { name: 'StateError', code: 'UNSUPPORTED' });
  await assert.rejects(session.wait({ text: 'x' }), { name: 'StateError', code: 'UNSUPPORTED' });
  await assert.rejects(session.press('Enter'), { code: 'UNSUPPORTED' });
  await session.send('on\n', { until: { output: 'on\r\non' } });
  await session.wait({ settled: 10 });
  await session.kill();
});

test('what cannot be is refused by name', async () => {
  const session = await terminal.open('cat');
  const refused = async (key, call) => assert.rejects(async () => call(), { name: 'ConfigError', key });
  await refused('condition.text', () => session.wait({ text: '' }));
  await refused('condition.text', () => session.wait({ text: /(?=x)/ }));
  await refused('condition.gone', () => session.wait({ gone: 7 }));
  await refused('condition.cursor', () => session.wait({ cursor: { line: 1 } }));
  await refused('condition.cursor.row', () => session.wait({ cursor: { row: -1 } }));
  await refused('keys[1]', () => session.press('a', 7));
  await refused('keys', () => session.press('Hyper+X'));
  await refused('event.action', () => session.mouse({ action: 'drag', at: { row: 0, col: 0 } }));
  await refused('event.at.col', () => session.mouse({ action: 'click', at: { row: 0 } }));
  await refused('focused', () => session.focus(1));
  await refused('type', () => session.on('nothing', () => {}));
  await refused('listener', () => session.on('bell'));
  await refused('options.scope', () => session.screen.text({ scope: 'line' }));
  await refused('options.rows', () => session.screen.cells({ rows: [1] }));
  await refused('pattern', () => session.screen.search(/(a)\1/));
  await refused('options.replies', () => terminal.open('cat', { replies: { all: true } }));
  await refused('sessions.imageFiles[0]', () => new Terminal({ sessions: { imageFiles: ['pictures'] } }));
  await refused('sessions.history.lines', () => new Terminal({ sessions: { history: { lines: -1 } } }));
  await session.kill();
});
