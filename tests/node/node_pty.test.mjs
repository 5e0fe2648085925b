// The entry in the shape of node-pty: its names and quirks, and nothing lost.

import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { Terminal } from '@vetty/terminal';
import pty from '@vetty/terminal/node-pty';

const { SIGHUP, SIGINT, SIGKILL } = constants.signals;

// Bun gives all files one realm, in which another file has locked the default terminal; then its policy would hold.
const wide = { workspaces: ['/'], commands: { allow: [], strictArgs: false }, env: { allow: [], deny: [] } };
const unvetted = () => (Terminal.locked ? { terminal: new Terminal(wide) } : {});
const spawn = (file, args, options) => pty.spawn(file, args, { ...unvetted(), ...options });
const sh = (script, options) => spawn('/bin/sh', ['-c', script], options);
const exited = (child) => new Promise((resolve) => child.onExit(resolve));

async function all(child) {
  let output = '';
  child.onData((data) => (output += data));
  const exit = await exited(child);
  return { output, ...exit };
}

test('a program is started before the call returns, and its exit comes after its output', async () => {
  const child = sh('echo hello; exit 3', { cols: 100, rows: 30 });
  assert.ok(child.pid > 0);
  assert.deepEqual([child.cols, child.rows], [100, 30]);
  assert.match(child.ptsName, /^\/dev\//);
  assert.deepEqual(await all(child), { output: 'hello\r\n', exitCode: 3, signal: 0 });
});

test('quick ends lose nothing, however many there are', async () => {
  const run = async () => {
    const { output } = await all(sh('stty -opost; head -c 20480 /dev/zero'));
    assert.equal(output.length, 20_480);
  };
  for (let times = 0; times < 20; times += 1) await run();
  await Promise.all(Array.from({ length: 16 }, run));
});

test('a terminal that is paused loses nothing, and ends when it goes on', async () => {
  const child = sh('stty -opost; head -c 20000 /dev/zero; echo end');
  child.pause();
  let length = 0;
  let isOver = false;
  child.onData((data) => (length += data.length));
  const over = exited(child).then(() => (isOver = true));
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual([length, isOver], [0, false]);
  child.resume();
  await over;
  assert.equal(length, 20_004);
});

test('a loop that is busy loses nothing', async () => {
  const child = sh('stty -opost; head -c 20000 /dev/zero');
  let length = 0;
  child.onData((data) => {
    const until = Date.now() + (length === 0 ? 300 : 0);
    while (Date.now() < until);
    length += data.length;
  });
  await exited(child);
  assert.equal(length, 20_000);
});

test('output is text, bytes, or another encoding of node', async () => {
  const given = async (encoding) => {
    const pieces = [];
    const child = sh(`stty -opost; printf 'gr\\303'; sleep 0.1; printf '\\274n'`, { encoding });
    child.onData((data) => pieces.push(data));
    await exited(child);
    return pieces;
  };
  assert.equal((await given(undefined)).join(''), 'grün');
  const bytes = await given(null);
  assert.ok(bytes.every((piece) => piece instanceof Uint8Array));
  assert.equal(Buffer.concat(bytes).toString(), 'grün');
  assert.equal(Buffer.from((await given('hex')).join(''), 'hex').toString(), 'grün');
});

test('a signal is a number beside exit code 0', async () => {
  const killed = async (...args) => {
    const child = sh('exec sleep 60');
    child.kill(...args);
    return exited(child);
  };
  assert.deepEqual(await killed(), { exitCode: 0, signal: SIGHUP });
  assert.deepEqual(await killed('SIGKILL'), { exitCode: 0, signal: SIGKILL });
  assert.throws(() => sh('exec sleep 0.1').kill('SIGNONSENSE'), /Unknown signal/);
  const typed = sh('exec cat');
  typed.write('\x03');
  assert.deepEqual(await exited(typed), { exitCode: 0, signal: SIGINT });
});

test('a signal reaches the whole tree and is the only one', async () => {
  const child = sh('trap "echo usr1" USR1; sh -c \'trap "echo child" USR1; echo ready; sleep 0.3; :\'; echo end');
  let output = '';
  child.onData((data) => {
    if (output.length === 0 && /ready/.test(data)) child.kill('SIGUSR1');
    output += data;
  });
  const { exitCode } = await exited(child);
  assert.equal(exitCode, 0);
  assert.match(output, /child/);
  assert.match(output, /usr1/);
  assert.match(output, /end/);
});

test('what cannot be started is exit code 1', async () => {
  for (const child of [spawn('no-such-program-at-all'), spawn('/bin/echo', [], { cwd: '/no/such/place' })]) {
    const { output, exitCode } = await all(child);
    assert.equal(exitCode, 1);
    assert.match(output, /not found/);
    child.write('x');
    child.kill();
  }
});

test('wrong types are refused as there', () => {
  assert.throws(() => spawn('sh', 'a b'), /args as a string is not supported/);
  assert.throws(() => spawn('sh', [], { cols: '80' }), /cols must be a number \(not a string\)/);
  assert.throws(() => spawn('sh', [], { name: {} }), /name must be a string \(not a object\)/);
  const child = sh('exit');
  assert.throws(() => child.resize(0, 10), /positive/);
  assert.throws(() => child.resize(NaN, 10), /positive/);
  return exited(child);
});

test('the environment is replaced, but for what a terminal adds', async () => {
  const { output } = await all(spawn('/usr/bin/env', [], { env: { A: '1' }, name: 'vt100', cwd: '/' }));
  const names = output.trim().split('\r\n').map((line) => line.split('=')[0]);
  assert.match(output, /^A=1\r$/m);
  assert.match(output, /^TERM=vt100\r$/m);
  assert.match(output, /^PWD=\/\r$/m);
  assert.ok(!names.includes('HOME') && !names.includes('PATH'), names.join());
});

test('the size is told, and flow control is handled on request', async () => {
  const child = sh('trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.02; done', { handleFlowControl: true });
  let output = '';
  child.on('data', (data) => (output += data));
  while (!/ready/.test(output)) await new Promise((resolve) => setTimeout(resolve, 5));
  child.write('\x13');
  child.resize(50, 10);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.doesNotMatch(output, /10 50/);
  child.write('\x11');
  await new Promise((resolve) => child.on('exit', resolve));
  assert.match(output, /10 50/);
});

test('the name of the foreground process is known', async () => {
  const child = sh('exec sleep 60');
  while (child.process !== 'sleep') await new Promise((resolve) => setTimeout(resolve, 5));
  child.destroy();
  assert.deepEqual(await exited(child), { exitCode: 0, signal: SIGHUP });
});

test('a policy holds where one is given', async () => {
  const terminal = new Terminal({ commands: { allow: ['echo *'] }, env: { allow: ['A'] } });
  assert.throws(() => spawn('sh', ['-c', 'true'], { terminal }), { name: 'PolicyError', code: 'COMMAND_NOT_ALLOWED' });
  assert.throws(() => spawn('no-such', [], { terminal }), { name: 'PolicyError', code: 'COMMAND_NOT_ALLOWED' });
  assert.throws(() => spawn('echo', ['x'], { terminal, uid: 0 }), { name: 'ConfigError' });
  assert.throws(() => spawn('echo', ['x'], { terminal: {} }), { name: 'ConfigError', key: 'options.terminal' });
  const child = spawn('echo', ['hello'], { terminal });
  assert.equal(terminal.getList()[0].kind, 'session');
  assert.equal((await all(child)).output, 'hello\r\n');
  await terminal.close();
});

test('a terminal is not seen by its siblings', { skip: process.platform !== 'linux' }, async () => {
  const siblings = Array.from({ length: 3 }, () => sh('exec ls -l /proc/self/fd'));
  for (const { output } of await Promise.all(siblings.map(all))) {
    assert.match(output, /pts/);
    assert.doesNotMatch(output, /ptmx/);
  }
});
