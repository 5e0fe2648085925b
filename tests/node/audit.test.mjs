// What is decided and done is told to onAudit, in order, and stands in a file that shows each change to it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError, PolicyError, Terminal, VettyError, verifyAudit } from '@vetty/terminal';
import { outputOf, withHost } from './host.mjs';

const folder = mkdtempSync(join(tmpdir(), 'vetty-audit-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = () => join(folder, `audit-${(files += 1)}`);
const linesOf = (file) => readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
const kinds = (events) => events.map(({ type }) => type);

const commands = { allow: ['echo *', 'sh -c *', 'sleep *', 'cat'], ask: ['echo risky *'], deny: ['echo never'], strictArgs: false, killGrace: 60_000 };
const config = (audit, more) => ({ workspaces: ['/tmp'], commands, audit, ...more });

/** A terminal, and the events that it told. */
function audited(audit, handlers) {
  const events = [];
  return { terminal: new Terminal(config(audit), { onAudit: (event) => events.push(event), ...handlers }), events };
}

test('a run is told from its verdict to its exit, before its result', async () => {
  const { terminal, events } = audited();
  const result = await terminal.execute('echo hello');
  assert.deepEqual(kinds(events), ['config', 'verdict', 'spawn', 'exit']);
  const [{ change, id }, verdict, spawn, exit] = events;
  assert.deepEqual([change, id], ['initialize', null]);
  assert.deepEqual(events.map(({ sequence }) => sequence), [1, 2, 3, 4]);
  assert.ok(events.slice(1).every((event) => event.id === result.id));
  assert.deepEqual([verdict.verdict.code, verdict.verdict.argv], ['ALLOWED', ['echo', 'hello']]);
  assert.equal(verdict.policy, verdict.verdict.policy);
  assert.deepEqual([spawn.pid, spawn.pty, spawn.enforced], [result.pid, false, result.enforced]);
  assert.deepEqual([exit.exit.exitCode, exit.reason, exit.bytes], [0, 'exited', 6]);
  assert.match(exit.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(structuredClone(events), events);
  assert.equal(terminal.auditHead().sequence, 4);
  await terminal.close();
});

test('what is refused is told, also what only this side can refuse; a check is no call', async () => {
  const { terminal, events } = audited();
  assert.throws(() => terminal.execute('echo never'), PolicyError);
  await assert.rejects(terminal.spawn('rm -rf /'), PolicyError);
  assert.throws(() => terminal.execute('echo \ud800'), PolicyError);
  assert.throws(() => terminal.execute('echo x', { env: { A: '\ud800' } }), PolicyError);
  terminal.check('rm');
  await terminal.close();
  const codes = events.slice(1).map(({ verdict }) => verdict.code);
  assert.deepEqual(codes, ['COMMAND_DENIED', 'COMMAND_NOT_ALLOWED', 'MALFORMED_COMMAND', 'INVALID_ENVIRONMENT']);
  assert.equal(new Set(events.map(({ id }) => id)).size, 5, 'each call has its id');
});

test('approvals are told with what was asked', async () => {
  const answers = { a: 'allow-session', b: 'deny' };
  const { terminal, events } = audited(undefined, { onApproval: ({ verdict }) => answers[verdict.argv[2]] });
  await terminal.execute('echo risky a');
  await terminal.execute('echo risky a');
  await assert.rejects(terminal.execute('echo risky b'), { code: 'APPROVAL_DENIED' });
  await terminal.close();
  const run = ['verdict', 'approval', 'verdict', 'spawn', 'exit'];
  assert.deepEqual(kinds(events), ['config', ...run, ...run, ...run.slice(0, 3)]);
  assert.deepEqual(events.flatMap(({ approval }) => approval ?? []), ['allow-session', 'allow-session', 'deny']);
  assert.equal(events.at(-1).verdict.code, 'APPROVAL_DENIED');
  assert.equal(events[1].id, events[5].id);
});

test('limits, kills and sessions are told, and nothing that is typed', async () => {
  const { terminal, events } = audited();
  await assert.rejects(terminal.execute('sleep 600', { timeout: 20 }), { code: 'TIMEOUT' });
  const session = await terminal.open('cat');
  await session.send('open sesame\n', { secret: true, until: { output: 'sesame' } });
  await session.kill();
  await terminal.close();
  assert.deepEqual(kinds(events), ['config', 'verdict', 'spawn', 'limit', 'kill', 'exit', 'verdict', 'spawn', 'kill', 'exit']);
  assert.deepEqual([events[3].limit, events[4].signal, events[5].reason], ['wall', 'SIGTERM', 'timeout']);
  assert.equal(events[7].pty, true);
  assert.ok(!JSON.stringify(events).includes('sesame'));
});

test('the file has the events as they were told, for its owner alone', async () => {
  const file = newFile();
  const { terminal, events } = audited({ file });
  await terminal.execute('echo 1');
  assert.deepEqual(linesOf(file), events);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const head = terminal.auditHead();
  await terminal.close();
  assert.deepEqual(await verifyAudit(file, { head }), { ok: true, events: 4, head, torn: 0, problem: null, brokenAt: null });
  const second = new Terminal(config({ file }));
  await second.execute('echo 2');
  await second.close();
  assert.equal((await verifyAudit(file, { head })).events, 8, 'the chain goes on');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"echo","1"', '"echo","2"'));
  assert.deepEqual(await verifyAudit(file).then(({ ok, problem, brokenAt }) => [ok, problem, brokenAt]), [false, 'chain', 3]);
  writeFileSync(file, `${text.split('\n').slice(0, 3).join('\n')}\n`);
  assert.equal((await verifyAudit(file)).ok, true);
  assert.equal((await verifyAudit(file, { head })).problem, 'head');
});

test('wrong arguments, files that cannot be had, and files that are no audit files', async () => {
  await assert.rejects(verifyAudit(join(folder, 'no-such')), (error) => VettyError.is(error) && error.code === 'ENOENT');
  await assert.rejects(verifyAudit(1), { name: 'ConfigError', key: 'path' });
  await assert.rejects(verifyAudit('x', { heads: 1 }), { key: 'options.heads' });
  await assert.rejects(verifyAudit('x', { head: { sequence: 1, hash: 'x' } }), { key: 'options.head.hash' });
  const link = newFile();
  symlinkSync(newFile(), link);
  const foreign = newFile();
  writeFileSync(foreign, 'text\n');
  for (const file of [link, foreign, folder, join(folder, 'no/such')]) {
    assert.throws(() => new Terminal(config({ file })), (error) => error instanceof ConfigError && error.key === 'audit.file', file);
  }
  assert.throws(() => new Terminal(config({ redact: { patterns: ['('] } })), { key: 'audit.redact.patterns[0]' });
  assert.throws(() => new Terminal(config({ onFull: 'drop' })), { key: 'audit.onFull' });
  assert.deepEqual(new Terminal(config()).getConfig().audit, {
    file: null, onFull: 'block', redact: { values: [], patterns: [], env: [], output: false },
  });
});

test('secrets are hidden in events and, where that is asked for, in all output', async () => {
  const token = `ghp_${'aB3'.repeat(12)}`;
  const audit = { redact: { values: ['correct horse'], patterns: ['user-([0-9]+)'], env: ['VETTY_*_SECRET'], output: true } };
  process.env.VETTY_TEST_SECRET = 'dynamic-value-1';
  const { terminal, events } = audited(audit);
  const argv = ['sh', '-c', `echo ${token} user-1234 'correct horse' dynamic-value-1`];
  const expected = '[redacted] user-[redacted] [redacted] [redacted]\n';
  assert.equal((await terminal.execute(argv)).stdout, expected);
  let heard = '';
  await terminal.execute(argv, { onStdout: (text) => (heard += text) });
  assert.equal(heard, expected);
  const slow = ['sh', '-c', `for c in $(echo ${token} | fold -w 5); do printf %s $c; sleep 0.01; done; printf ' gh'`];
  let streamed = '';
  for await (const { data } of await terminal.spawn(slow, { encoding: 'utf8' })) streamed += data;
  assert.equal(streamed, '[redacted] gh');
  const child = await terminal.spawn(argv);
  const chunks = [];
  for await (const chunk of child.stdout) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), expected);
  await terminal.execute(['echo', '--password', 'hunter2']);
  await terminal.close();
  delete process.env.VETTY_TEST_SECRET;
  const text = JSON.stringify(events);
  for (const secret of [token, '1234', 'correct horse', 'dynamic-value-1', 'hunter2']) assert.ok(!text.includes(secret), secret);
});

test('a listener that throws is told of, and stops no run', async () => {
  const warnings = [];
  const hear = (warning) => warnings.push(warning.message);
  process.on('warning', hear);
  let heard = 0;
  const terminal = new Terminal(config(), {
    onAudit() {
      heard += 1;
      throw new Error('enough');
    },
  });
  assert.equal((await terminal.execute('echo on')).stdout, 'on\n');
  await terminal.close();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', hear);
  assert.equal(heard, 1);
  assert.deepEqual(warnings, ['onAudit threw and is not called again: enough']);
});

test('a policy that replaces another or becomes final says so, and two terminals share a file', async () => {
  const file = newFile();
  const program = `
    import { Terminal } from PACKAGE;
    Terminal.initialize(${JSON.stringify(config({ file }))});
    await Terminal.execute('echo 1');
    Terminal.setConfig({ timeout: 1000 });
    Terminal.lock();
    await Terminal.execute('echo 2');
    console.log(JSON.stringify(Terminal.auditHead()));
  `;
  const head = JSON.parse(await outputOf(program));
  const events = linesOf(file);
  assert.deepEqual(events.flatMap(({ change }) => change ?? []), ['initialize', 'setConfig', 'lock']);
  assert.deepEqual([events.length, head.sequence, (await verifyAudit(file, { head })).ok], [9, 9, true]);
});

test('a host that ends with programs running tells their end, and another process has to wait for the file', async () => {
  const file = newFile();
  const program = `
    import { Terminal } from PACKAGE;
    const terminal = new Terminal(${JSON.stringify(config({ file }))});
    await terminal.spawn('sleep 600');
    console.log('started');
    process.stdin.once('data', () => process.exit());
  `;
  await withHost(program, async (host) => {
    await once(host.stdout, 'data');
    assert.throws(() => new Terminal(config({ file })), /written by another process/);
    host.stdin.end('end\n');
    await once(host, 'exit');
  });
  const events = linesOf(file);
  assert.deepEqual(kinds(events), ['config', 'verdict', 'spawn', 'kill', 'exit']);
  assert.deepEqual([events[3].signal, events[4].exit.signal], ['SIGKILL', 'SIGKILL']);
  await new Terminal(config({ file })).close();
  assert.equal((await verifyAudit(file)).ok, true);
});
