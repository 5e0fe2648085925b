// What a sandbox and the kernel's limits do, seen from JavaScript.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { ConfigError, PolicyError, Terminal, TimeoutError } from '@vetty/terminal';

const root = mkdtempSync(join(tmpdir(), 'vetty-sandbox-'));
after(() => rmSync(root, { recursive: true, force: true }));
writeFileSync(join(root, 'own'), 'own');

const support = Terminal.support();
const confined = { skip: support.levels.confine.available ? false : `no confine: ${support.levels.confine.missing}` };

const terminal = (more = {}) =>
  new Terminal({ workspaces: [root], paths: ['/etc'], commands: { allow: [], strictArgs: false }, ...more });

test('support says what there is and what is missing', () => {
  assert.deepEqual(support.levels.filter, { available: true, missing: [] });
  assert.equal(support.levels.confine.available, support.levels.confine.missing.length === 0);
  assert.equal(support.levels.isolate.available, support.levels.isolate.missing.length === 0);
  assert.equal(support.features.includes('pid-namespace'), !support.levels.isolate.missing.includes('pid-namespace'));
  assert.equal(support.features.includes('landlock-fs'), !support.levels.confine.missing.includes('landlock-fs'));
  assert.deepEqual(structuredClone(support), support);
});

test('a confined program reads its workspace and nothing else, and the result says what held it', confined, async () => {
  const result = await terminal({ sandbox: { level: 'confine' } }).execute(['cat', 'own', '/etc/passwd']);
  assert.equal(result.stdout, 'own');
  assert.match(result.stderr, /Permission denied/);
  assert.equal(result.enforced.level, 'confine');
  assert.ok(['landlock-fs', 'seccomp', 'no-new-privs', 'process-group-lock'].every((name) => result.enforced.features.includes(name)));
  assert.deepEqual(result.enforced.degraded, []);
});

const isolated = { skip: support.levels.isolate.available ? false : `no isolate: ${support.levels.isolate.missing}` };

test('an isolated program finds its workspace, processes of its own and nothing else', isolated, async () => {
  const isolate = terminal({ sandbox: { level: 'isolate' } });
  const result = await isolate.execute(['sh', '-c', 'cat own; echo " $$"; ls /etc/passwd /root 2>&1 | grep -c "No such file"; cat /proc/1/comm']);
  assert.deepEqual([result.exitCode, result.stdout], [0, 'own 2\n2\nvetty-init\n']);
  assert.equal(result.enforced.level, 'isolate');
  assert.equal(result.enforced.kill, 'pid-namespace');
  assert.ok(['mount-namespace', 'pid-namespace', 'network-namespace', 'landlock-fs', 'seccomp'].every((name) => result.enforced.features.includes(name)));
});

test('and cannot write what is protected', isolated, async () => {
  writeFileSync(join(root, '.npmrc'), 'as it was');
  const write = ['sh', '-c', 'echo evil > .npmrc; echo fine > other'];
  await terminal({ sandbox: { level: 'isolate' } }).execute(write);
  assert.equal(readFileSync(join(root, '.npmrc'), 'utf8'), 'as it was');
  assert.equal(readFileSync(join(root, 'other'), 'utf8'), 'fine\n');
  await terminal({ sandbox: { level: 'isolate', protect: ['other'] } }).execute(['sh', '-c', 'echo evil > other']);
  assert.equal(readFileSync(join(root, 'other'), 'utf8'), 'fine\n');
  const verdict = terminal({ sandbox: { level: 'isolate', protect: ['missing'] } }).check('true');
  assert.deepEqual([verdict.allowed, verdict.code], [false, 'SANDBOX_UNSUPPORTED']);
  // What goes out goes in again, and means the same: the default asks for none of its places.
  const config = terminal({ sandbox: { level: 'isolate' } }).getConfig();
  assert.equal(config.sandbox.protect, null);
  assert.equal((await new Terminal(config).execute(write)).exitCode, 0);
});

test('a program in the background says what holds it', confined, async () => {
  const started = await terminal({ sandbox: { level: 'confine' } }).execute('sleep 0.1', { background: true });
  assert.equal(started.enforced.level, 'confine');
});

test('a call can be stricter', confined, async () => {
  const filter = terminal();
  const plain = await filter.execute(['cat', '/etc/passwd']);
  assert.deepEqual([plain.exitCode, plain.enforced.level], [0, 'filter']);
  for (const sandbox of [{ level: 'confine' }, { network: 'none' }]) {
    const result = await filter.execute(['cat', '/etc/passwd'], { sandbox });
    assert.deepEqual([result.exitCode, result.enforced.level], [1, 'confine']);
  }
  const child = await filter.spawn(['cat', '/etc/passwd'], { sandbox: { level: 'confine' } });
  assert.equal((await child.wait()).exitCode, 1);
});

test('and is told when it is not understood', async () => {
  for (const sandbox of [{ level: 'strict' }, { network: 'open' }, { read: ['/'] }, 'confine']) {
    assert.throws(() => terminal().execute('true', { sandbox }), (error) => error instanceof ConfigError && error.key === 'options.sandbox');
  }
  assert.throws(() => terminal({ sandbox: { level: 'strict' } }), (error) => error instanceof ConfigError && error.key === 'sandbox.level');
});

test('what cannot be given is refused before the spawn', () => {
  // Of a workspace that is everything nothing is left to isolate, also where namespaces can be made.
  const isolate = terminal({ workspaces: ['/'], sandbox: { level: 'isolate' } });
  assert.equal(isolate.check('true').code, 'SANDBOX_UNSUPPORTED');
  assert.throws(() => isolate.execute('true'), (error) => error instanceof PolicyError && error.code === 'SANDBOX_UNSUPPORTED');
  const filter = terminal({ workspaces: ['/'] });
  assert.equal(filter.check('true', { sandbox: { level: 'isolate' } }).code, 'SANDBOX_UNSUPPORTED');
});

test('a limit of the kernel ends a run as a typed error', async () => {
  const small = terminal({ limits: { fileSize: 4096 } });
  const big = small.execute(['sh', '-c', 'exec head -c 100000 < /dev/zero > big']);
  await assert.rejects(big, (error) => error instanceof TimeoutError && error.limit === 'fileSize' && error.result.reason === 'limit');
});
