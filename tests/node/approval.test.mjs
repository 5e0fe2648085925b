// What must be approved runs if somebody approves it, and only then.

import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ConfigError, PolicyError, Terminal } from '@vetty/terminal';

const here = dirname(fileURLToPath(import.meta.url));
const config = { workspaces: [here], commands: { allow: ['echo *'], ask: ['echo risky *'], deny: ['echo risky never'], maxArgs: 3 } };

/** A terminal that answers so, and what it was asked. */
function answering(answer, more) {
  const asked = [];
  const onApproval = (request) => {
    asked.push(request);
    return typeof answer === 'function' ? answer(request) : answer;
  };
  return { terminal: new Terminal(config, { onApproval, ...more }), asked };
}

const refused = (code) => (error) => error instanceof PolicyError && error.code === code && error.verdict.code === code && /\w/.test(error.verdict.hint);

test('nobody to ask is a refusal at once', () => {
  assert.throws(() => new Terminal(config).execute('echo risky'), refused('APPROVAL_REQUIRED'));
});

test('what is approved runs, and only what needs it is asked about', async () => {
  const { terminal, asked } = answering('allow');
  assert.equal((await terminal.execute('echo fine')).stdout, 'fine\n');
  assert.equal(asked.length, 0);
  assert.equal((await terminal.execute('echo risky a')).stdout, 'risky a\n');
  assert.equal((await terminal.execute('echo risky a', { onStdout: () => {} })).stdout, 'risky a\n');
  const child = await terminal.spawn('echo risky a');
  assert.equal((await child.exited).exitCode, 0);
  assert.equal(asked.length, 3);
  assert.equal(terminal.check('echo risky a').code, 'APPROVAL_REQUIRED');
  assert.equal(asked.length, 3, 'a check asks nobody');
});

test('an answer for the session holds for the same argv in the same directory', async () => {
  const { terminal, asked } = answering('allow-session');
  for (let round = 0; round < 3; round += 1) await terminal.execute('echo risky a');
  assert.equal(asked.length, 1);
  await terminal.execute('echo risky b');
  await terminal.execute('echo risky a', { cwd: dirname(here) === here ? here : '../node' });
  assert.equal(asked.length, 2);
});

test('who is asked is told what would run', async () => {
  const { terminal, asked } = answering('deny');
  await assert.rejects(terminal.execute("echo risky 'a b'"), refused('APPROVAL_DENIED'));
  const [{ verdict, signal }] = asked;
  assert.deepEqual([verdict.allowed, verdict.code, verdict.cwd], [false, 'APPROVAL_REQUIRED', here]);
  assert.deepEqual([verdict.argv, verdict.rule.key], [['echo', 'risky', 'a b'], 'commands.ask[0]']);
  assert.match(verdict.program, /\/echo$/);
  assert.equal(signal.aborted, true, 'the answer does not matter any more');
  assert.deepEqual(structuredClone(verdict), verdict);
  assert.deepEqual(terminal.getList(), []);
});

test('anything but an answer that allows is a no', async () => {
  for (const answer of [undefined, true, 'ALLOW', 'timeout', () => Promise.reject(new Error('x')), () => { throw new Error('x'); }]) {
    const { terminal } = answering(answer);
    await assert.rejects(terminal.execute('echo risky'), refused('APPROVAL_DENIED'));
    await assert.rejects(terminal.spawn('echo risky'), refused('APPROVAL_DENIED'));
  }
});

test('no answer in time is a refusal, and a call that is aborted waits for none', async () => {
  const { terminal, asked } = answering(() => new Promise(() => {}), { approvalTimeout: 1 });
  await assert.rejects(terminal.execute('echo risky'), refused('APPROVAL_TIMEOUT'));
  assert.equal(asked[0].signal.aborted, true);
  const controller = new AbortController();
  const waiting = answering(() => { controller.abort(new Error('enough')); return new Promise(() => {}); });
  await assert.rejects(waiting.terminal.execute('echo risky', { signal: controller.signal }), (error) => error.name === 'AbortError' && error.cause.message === 'enough');
});

test('nobody is asked about what would be refused all the same', async () => {
  const { terminal, asked } = answering('allow');
  await assert.rejects(async () => terminal.execute('echo risky never'), refused('COMMAND_DENIED'));
  await assert.rejects(async () => terminal.execute('echo risky a b c'), refused('TOO_MANY_ARGUMENTS'));
  await assert.rejects(async () => terminal.execute('echo risky /etc/passwd'), refused('PATH_OUTSIDE_WORKSPACE'));
  assert.equal(asked.length, 0);
});

test('handlers are checked as options are, and no option of a call approves it', () => {
  assert.throws(() => new Terminal(config, { onApprove() {} }), (error) => error instanceof ConfigError && error.key === 'handlers.onApprove');
  assert.throws(() => new Terminal(config, { onApproval: 'allow' }), (error) => error.key === 'handlers.onApproval');
  assert.throws(() => new Terminal(config).execute('echo risky', { approved: true }), (error) => error.key === 'options.approved');
});

test('an answer by rule holds for all that this rule asks about, and for nothing else', async () => {
  const told = [];
  const onApproval = ({ verdict }) => {
    told.push(verdict.rule?.key ?? null);
    return 'allow-rule';
  };
  const commands = { allow: ['echo *'], ask: ['echo risky *', 'echo * --force'], deny: ['echo risky never'] };
  const terminal = new Terminal({ workspaces: [here], commands }, { onApproval });
  for (const line of ['echo risky a', 'echo risky b']) await terminal.execute(line);
  assert.deepEqual(told, ['commands.ask[0]']);
  for (const line of ['echo risky --force', 'echo x --force', 'echo risky y --force']) await terminal.execute(line);
  assert.deepEqual(told, ['commands.ask[0]', 'commands.ask[1]']);
  await assert.rejects(async () => terminal.execute('echo risky never'), refused('COMMAND_DENIED'));
  assert.equal(terminal.check('echo risky a').code, 'APPROVAL_REQUIRED');
  assert.throws(() => terminal.execute('echo risky', { approvedFor: ['commands.ask[0]'] }), (error) => error.key === 'options.approvedFor');

  const byDefault = new Terminal({ workspaces: [here], commands: { default: 'ask' } }, { onApproval });
  for (const line of ['echo a', 'echo a', 'echo b']) await byDefault.execute(line);
  assert.deepEqual(told.slice(2), [null, null]);
});

test('what is approved needs no other rule', async () => {
  const terminal = new Terminal({ workspaces: [here], commands: { ask: ['echo deploy *'] } }, { onApproval: () => 'allow' });
  assert.equal((await terminal.execute('echo deploy a')).stdout, 'deploy a\n');
  assert.throws(() => terminal.execute('echo other'), refused('COMMAND_NOT_ALLOWED'));
});
