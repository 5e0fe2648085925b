// Rules about options, and the profile for commands that an agent writes.

import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Terminal } from '@vetty/terminal';

const here = dirname(fileURLToPath(import.meta.url));
const agent = (commands, more) => new Terminal({ workspaces: [here], profile: 'agent', commands, ...more });

test('the profile refuses what turns a tool into another one', () => {
  const terminal = agent({ allow: ['find *', 'sort *', 'env *', 'sh *', 'sed *'] });
  const codes = {
    "find . -name '*.mjs'": 'ALLOWED',
    'find . -delete': 'FLAG_DENIED',
    'sort --compress-prog=x a': 'FLAG_DENIED',
    'sort --no-such a': 'FLAG_UNKNOWN',
    'sort a -o/etc/x': 'PATH_OUTSIDE_WORKSPACE',
    'env sh -c id': 'INTERPRETER_DENIED',
    env: 'WRAPPER_DENIED',
    "sed '1e id' a": 'COMMAND_DENIED',
  };
  for (const [line, code] of Object.entries(codes)) {
    assert.equal(terminal.check(line).code, code, line);
  }
});

test('a rule holds in every spelling, with its reason', () => {
  const rule = { program: 'rm', flags: { deny: ['--recursive'] }, reason: 'ask first' };
  const terminal = new Terminal({ workspaces: [here], commands: { allow: ['rm *'], deny: [rule] } });
  for (const line of ['rm -r a', 'rm a -fR', 'rm --recurs a']) {
    const { code, message } = terminal.check(line);
    assert.deepEqual([code, message], ['COMMAND_DENIED', 'Command not allowed: rm (ask first)'], line);
  }
  assert.equal(terminal.check('rm -- -r').code, 'ALLOWED');
  assert.deepEqual(terminal.getConfig().commands.deny, [rule]);
});

test('what runs is what the verdict says, with the words that were put in', async () => {
  const terminal = agent({ allow: [{ program: 'echo', flags: { inject: ['hard'] } }] });
  const { argv } = terminal.check('echo a');
  assert.deepEqual(argv, ['echo', 'hard', 'a']);
  assert.equal((await terminal.execute('echo a')).stdout, 'hard a\n');
});

test('the profile has defaults of its own where the policy is silent', () => {
  const { commands, env, profile } = agent({ allow: ['git *'] }).getConfig();
  assert.deepEqual([commands.maxArgs, commands.strictArgs, commands.dotDot, profile], [256, 'unquoted', 'resolve', 'agent']);
  assert.ok(env.allow.includes('HOME') && !env.deny.includes('HOME'));
  assert.equal(agent({ allow: [], maxArgs: 7 }).getConfig().commands.maxArgs, 7);
  const config = agent({ allow: ['git *'] }).getConfig();
  assert.deepEqual(new Terminal(config).getConfig(), config, 'it means the same when it goes in again');
});
