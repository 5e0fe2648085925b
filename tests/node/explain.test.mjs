// Why a command may run, or may not.

import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Terminal } from '@vetty/terminal';

const here = dirname(fileURLToPath(import.meta.url));
const commands = { allow: ['echo *', 'env *', 'cat *'], ask: ['echo risky *'], deny: ['rm *', 'echo secret *'] };
const terminal = new Terminal({ workspaces: [here], profile: 'agent', commands });

test('every rule is told, and the one that decided is marked', () => {
  const explanation = terminal.explain('echo secret a');
  assert.deepEqual(explanation.verdict, terminal.check('echo secret a'));
  const told = explanation.rules.map(({ key, effect, matches, decides }) => [key, effect, matches, decides]);
  assert.deepEqual(told, [
    ['commands.deny[0]', 'deny', false, false],
    ['commands.deny[1]', 'deny', true, true],
    ['commands.ask[0]', 'ask', false, false],
    ['commands.allow[0]', 'allow', true, false],
    ['commands.allow[1]', 'allow', false, false],
    ['commands.allow[2]', 'allow', false, false],
    ['commands.default', 'deny', false, false],
    ...(explanation.rules.length === 8 ? [['profile: Text', 'deny', false, false]] : []),
  ].slice(0, explanation.rules.length));
  assert.equal(explanation.rules[2].why, 'word 1 is "secret" and not "risky"');
  assert.equal(explanation.withoutLists.code, 'ALLOWED');
  assert.deepEqual(structuredClone(explanation), explanation);
});

test('a command within a wrapper is told behind it', () => {
  const { rules, verdict } = terminal.explain('env rm x');
  const decider = rules.find(({ decides }) => decides);
  assert.deepEqual([verdict.code, decider.key, decider.argv], ['COMMAND_DENIED', 'commands.deny[0]', ['rm', 'x']]);
});

test('options of a call count, and what is no command has no rules', () => {
  assert.equal(terminal.explain('cat x', { cwd: '/' }).verdict.code, 'WORKSPACE_NOT_ALLOWED');
  assert.deepEqual(terminal.explain('echo "').rules, []);
  const lone = terminal.explain('echo \ud800');
  assert.deepEqual([lone.verdict.code, lone.rules, lone.withoutLists], ['MALFORMED_COMMAND', [], null]);
  assert.throws(() => terminal.explain('echo', { nope: 1 }), (error) => error.key === 'options.nope');
  assert.equal(Terminal.explain('echo').verdict.code, Terminal.check('echo').code);
});
