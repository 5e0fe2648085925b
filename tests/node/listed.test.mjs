// Runs known by their id: in the background, listed, listened to, killed.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { AbortError, ConfigError, StateError, Terminal } from '@vetty/terminal';

const terminal = new Terminal({ commands: { allow: ['cat', 'echo *', 'sh', 'sleep *', 'true'], strictArgs: false } });
const sh = (script) => ['sh', '-c', script];

test('a background run resolves when it has started', async () => {
  const started = await terminal.execute(sh('echo out; echo err >&2; exit 3'), { background: true });
  assert.ok(started.pid > 0);
  assert.deepEqual([started.reason, started.exitCode, started.stdout, started.stderr], ['background', null, '', '']);
  const exit = await terminal.getProcess(started.id).exited;
  assert.equal(exit.exitCode, 3);
  assert.equal(terminal.getExitCode(started.id), 3);
  assert.deepEqual(terminal.getOutput(started.id), { stdout: 'out\n', stderr: 'err\n' });
});

test('a list item is a snapshot with all its fields', async () => {
  const { id, pid } = await terminal.execute('sleep 60', { background: true });
  const item = terminal.getList().find((listed) => listed.id === id);
  assert.ok(item.startTime instanceof Date);
  const { startTime, ...rest } = item;
  assert.deepEqual(rest, { id, kind: 'process', command: 'sleep', args: ['60'], pid, background: true, running: true });
  assert.equal(terminal.kill(id), true);
  await terminal.getProcess(id)?.exited;
  assert.equal(item.running, true);
  assert.equal(terminal.getList().find((listed) => listed.id === id).running, false);
});

test('a call is listed from the call on, and can be ended by its id', async () => {
  const own = new Terminal({ commands: { allow: ['sleep *'] } });
  const running = own.execute('sleep 60');
  const [item] = own.getList();
  assert.deepEqual([item.command, item.args, item.running, item.background], ['sleep', ['60'], true, false]);
  assert.equal(own.kill(item.id), true);
  await assert.rejects(running, (error) => error instanceof AbortError && error.cause === undefined);
});

test('what is unknown is unknown, without an error', () => {
  for (const id of ['term_0', '', undefined, null, 7, {}, [], Object.create(null), Symbol('id'), { toString: () => { throw new Error('asked'); } }]) {
    assert.equal(terminal.kill(id), false);
    assert.deepEqual(terminal.getOutput(id), { stdout: '', stderr: '' });
    assert.equal(terminal.getExitCode(id), null);
    assert.equal(terminal.getProcess(id), undefined);
  }
});

test('an id is a text, and nothing that becomes one', async () => {
  const { id } = await terminal.execute('true');
  const disguised = { toString: () => id };
  assert.deepEqual([terminal.getProcess(disguised), terminal.getProcess([id]), terminal.getExitCode(disguised)], [undefined, undefined, null]);
});

test('stream throws for an unknown id and for what is no function', async () => {
  assert.throws(() => terminal.stream('term_0', () => {}, () => {}), (error) => {
    assert.ok(error instanceof StateError);
    assert.deepEqual([error.code, error.message], ['NOT_FOUND', 'Process not found: term_0']);
    return true;
  });
  for (const [id, shown] of [[Object.create(null), 'an object'], [Symbol('id'), 'Symbol(id)'], [undefined, 'undefined']]) {
    assert.throws(() => terminal.stream(id, () => {}, () => {}), { code: 'NOT_FOUND', message: `Process not found: ${shown}` });
  }
  assert.throws(() => terminal.stream('term_0', 'x', () => {}), ConfigError);
});

test('stream gives what was captured at once, then what comes', async () => {
  const child = await terminal.spawn('cat', { input: 'pipe' });
  const ended = child.wait();
  const heard = [];
  const until = async (expected) => {
    while (heard.join('') !== expected) await new Promise((resolve) => setImmediate(resolve));
  };
  await child.write('first ');
  while (terminal.getOutput(child.id).stdout !== 'first ') await new Promise((resolve) => setImmediate(resolve));
  terminal.stream(child.id, (data) => heard.push(data), (data) => heard.push(data));
  assert.deepEqual(heard, ['first ']);
  await child.write('second');
  await until('first second');
  await child.end();
  assert.equal((await ended).exitCode, 0);
});

test('a listener that throws is reported and ends nothing', async () => {
  const child = await terminal.spawn('cat', { input: 'pipe' });
  const warned = once(process, 'warning');
  terminal.stream(child.id, () => { throw new Error('my listener is broken'); }, () => {});
  const ended = child.wait();
  await child.write('x');
  const [warning] = await warned;
  assert.match(warning.message, /my listener is broken/);
  await child.end();
  assert.equal((await ended).exitCode, 0);
});

test('callbacks of a background run are served', async () => {
  const heard = [];
  const exited = new Promise((resolve) => {
    terminal.execute(sh('echo out; exit 4'), {
      background: true,
      onStdout: (data) => heard.push(data),
      onExit: (code, signal) => resolve([code, signal]),
    });
  });
  assert.deepEqual(await exited, [4, null]);
  assert.deepEqual(heard, ['out\n']);
});

test('a callback of a background run that throws kills it and no host', async () => {
  const warned = once(process, 'warning');
  const { id } = await terminal.execute(sh('echo out; sleep 60'), { background: true, onStdout: () => { throw new Error('broken'); } });
  const process_ = terminal.getProcess(id);
  assert.match((await warned)[0].message, /broken/);
  assert.equal((await process_.exited).signal, 'SIGTERM');
});

test('a background run that cannot start is a rejection, not a crash', async () => {
  await assert.rejects(async () => terminal.execute('cat', { background: true, cwd: '/no/such' }), { name: 'PolicyError' });
  assert.ok(terminal.getList().every(({ command, running }) => command !== 'cat' || !running));
});

test('a background run heeds its timeout and its signal', async () => {
  const late = await terminal.execute('sleep 60', { background: true, timeout: 100 });
  assert.equal((await terminal.getProcess(late.id).exited).signal, 'SIGTERM');
  const controller = new AbortController();
  const { id } = await terminal.execute('sleep 60', { background: true, signal: controller.signal });
  const { exited } = terminal.getProcess(id);
  controller.abort();
  assert.equal((await exited).signal, 'SIGTERM');
});

test('twenty fresh children that are killed at once all end', async () => {
  const started = await Promise.all(Array.from({ length: 20 }, () => terminal.execute('sleep 60', { background: true })));
  const processes = started.map(({ id }) => terminal.getProcess(id));
  assert.ok(started.every(({ id }) => terminal.kill(id)));
  await Promise.all(processes.map(({ exited }) => exited));
  const ids = new Set(started.map(({ id }) => id));
  assert.ok(terminal.getList().filter(({ id }) => ids.has(id)).every(({ running }) => !running));
  assert.ok(started.every(({ id }) => !terminal.kill(id)));
});

test('a finished run is listed right after it, and forgotten later', async () => {
  const short = new Terminal({ commands: { allow: ['echo *'] }, output: { retain: { time: 50 } } });
  const { id } = await short.execute('echo x');
  assert.deepEqual(short.getList().map((item) => item.id), [id]);
  while (short.getList().length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(short.getOutput(id), { stdout: '', stderr: '' });
});

test('a process that is only listed can be listened to and waited for', async () => {
  const { id } = await terminal.execute(sh('echo one; echo two'));
  const listed = terminal.getProcess(id);
  assert.equal((await listed.exited).exitCode, 0);
  assert.equal((await listed.wait()).stdout, 'one\ntwo\n');
});

test('a run whose descendant holds the pipe ends all the same', async () => {
  const { stdout, survivors, reason } = await terminal.execute(sh('sleep 60 & echo started'));
  assert.deepEqual([stdout, reason, survivors], ['started\n', 'exited', 1]);
});

test('disposal of a terminal ends all that runs', async () => {
  const own = new Terminal({ commands: { allow: ['sleep *'] } });
  const child = await own.spawn('sleep 60');
  await own[Symbol.asyncDispose]();
  assert.equal(child.signalCode, 'SIGTERM');
});
