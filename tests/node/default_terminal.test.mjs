// The default terminal: the static side. These tests share it and run in this order.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Worker, isMainThread } from 'node:worker_threads';
import standard, { ConfigError, Terminal } from '@vetty/terminal';

const require = createRequire(import.meta.url);

test('it is the default export and the named one, of both entries', () => {
  const cjs = require('@vetty/terminal');
  assert.ok(standard === Terminal && cjs.Terminal === Terminal && cjs.default === Terminal);
});

test('before it is initialised it has the defaults and permits nothing', () => {
  const { workspaces, commands, env, timeout } = Terminal.getConfig();
  assert.deepEqual(workspaces, []);
  const { allow, deny, maxArgs, strictArgs, noShell } = commands;
  assert.deepEqual([allow, deny, maxArgs, strictArgs, noShell], [[], [], 10, true, true]);
  assert.deepEqual([env.allow, env.deny, timeout], [['NODE_ENV', 'PATH'], ['HOME', 'SSH_*'], 30000]);
  assert.throws(() => Terminal.execute('echo x'), { name: 'PolicyError', code: 'COMMAND_NOT_ALLOWED' });
});

test('initialize starts from the defaults, not from what was', async () => {
  Terminal.initialize({ timeout: 5, commands: { allow: ['echo *'] } });
  Terminal.initialize({ commands: { allow: ['echo *'] } });
  assert.equal(Terminal.getConfig().timeout, 30000);
  assert.equal((await Terminal.execute('echo x')).stdout, 'x\n');
  Terminal.initialize();
  assert.equal(Terminal.check('echo x').allowed, false);
});

test('odd but legal configurations are taken', () => {
  Terminal.initialize({ workspaces: ['/no/such/place'], commands: { allow: [''] } });
  assert.equal(Terminal.check('echo x').allowed, false);
});

test('a wrong configuration changes nothing', () => {
  Terminal.initialize({ commands: { allow: ['echo *'] } });
  assert.throws(() => Terminal.initialize({ commands: { allow: ['rm *'], maxArgs: -1 } }), ConfigError);
  assert.throws(() => Terminal.setConfig(null), ConfigError);
  assert.deepEqual(Terminal.getConfig().commands.allow, ['echo *']);
});

test('setConfig is merged key by key, arrays are replaced', () => {
  Terminal.initialize({ timeout: 7, commands: { allow: ['echo *', 'ls'], maxArgs: 3 } });
  Terminal.setConfig({ commands: { allow: ['cat'] }, env: { set: { A: '1' } } });
  Terminal.setConfig({ env: { set: { B: '2' } }, timeout: undefined });
  const { timeout, commands, env } = Terminal.getConfig();
  assert.deepEqual([timeout, commands.allow, commands.maxArgs, env.set], [7, ['cat'], 3, { A: '1', B: '2' }]);
});

test('what runs keeps its policy and stays listed when the policy changes', async () => {
  Terminal.initialize({ commands: { allow: ['sleep *'] } });
  const { id } = await Terminal.execute('sleep 60', { background: true });
  Terminal.initialize();
  assert.ok(Terminal.getList().some((item) => item.id === id && item.running));
  const { exited } = Terminal.getProcess(id);
  assert.equal(Terminal.kill(id), true);
  assert.equal((await exited).signal, 'SIGTERM');
});

test('static methods need no this', async () => {
  Terminal.initialize({ commands: { allow: ['echo *'] } });
  const { execute, check, getList, $ } = Terminal;
  assert.equal((await execute('echo x')).stdout, 'x\n');
  assert.equal((await $`echo ${'x  y'}`).stdout, 'x  y\n');
  assert.ok(check('echo x').allowed && Array.isArray(getList()));
});

test('killAll ends what runs or waits, and keeps the terminal usable', async () => {
  Terminal.initialize({ commands: { allow: ['sleep *', 'echo *'] }, quotas: { running: 2 } });
  const { id } = await Terminal.execute('sleep 60', { background: true });
  const running = Terminal.tryExecute('sleep 60');
  const started = ({ running, pid }) => running && pid !== undefined;
  while (Terminal.getList().filter(started).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const waiting = Terminal.tryExecute('sleep 60');
  await Terminal.killAll();
  const [first, second] = await Promise.all([running, waiting]);
  assert.deepEqual([first.error.code, first.result.reason], ['ABORT_ERR', 'killed']);
  assert.deepEqual([second.error.code, second.result], ['ABORT_ERR', null]);
  assert.ok(Terminal.getList().every(({ running }) => !running));
  assert.equal(Terminal.getExitCode(id), null);
  assert.equal((await Terminal.execute('echo x')).exitCode, 0);
});

test('a further copy of the package shares it', async () => {
  const { cpSync, mkdtempSync, rmSync } = await import('node:fs');
  const folder = mkdtempSync('/tmp/vetty-copy-');
  try {
    cpSync(new URL('../../npm/terminal/', import.meta.url), folder, { recursive: true });
    const copy = require(`${folder}/index.cjs`);
    assert.notEqual(copy.Terminal, Terminal);
    Terminal.initialize({ commands: { allow: ['echo shared'] } });
    assert.equal((await copy.Terminal.execute('echo shared')).exitCode, 0);
    copy.Terminal.initialize({ commands: { allow: ['echo other'] } });
    assert.equal((await Terminal.execute('echo other')).exitCode, 0);
    assert.throws(() => Terminal.execute('echo shared'), (error) => copy.VettyError.is(error));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a worker has its own, which permits nothing', async () => {
  Terminal.initialize({ commands: { allow: ['echo *'] } });
  assert.deepEqual(await inWorker(), { locked: false, allowed: false });
});

test('lock makes it final, also for the workers that start later', async () => {
  Terminal.initialize({ commands: { allow: ['echo *'] } });
  assert.equal(Terminal.locked, false);
  Terminal.lock();
  Terminal.lock();
  assert.equal(Terminal.locked, true);
  const locked = { name: 'ConfigError', code: 'LOCKED' };
  assert.throws(() => Terminal.initialize({}), locked);
  assert.throws(() => Terminal.setConfig({}), locked);
  assert.equal(Terminal.check('echo x').allowed, true);
  // What a worker locks is its own affair.
  assert.deepEqual(await inWorker(), { locked: isMainThread, allowed: isMainThread });
});

function inWorker() {
  const program = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { Terminal } = require(workerData);
    parentPort.postMessage({ locked: Terminal.locked, allowed: Terminal.check('echo x').allowed });
  `;
  const worker = new Worker(program, { eval: true, workerData: require.resolve('@vetty/terminal') });
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
}
