// What may run: verdicts, refusals, configurations.

import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ConfigError, PolicyError, Terminal, VettyError } from '@vetty/terminal';

const here = dirname(fileURLToPath(import.meta.url));
const terminal = new Terminal({
  workspaces: [here],
  commands: { allow: ['echo *', 'ls'], deny: ['echo secret'], maxArgs: 3 },
});
const refused = (code, message) => (error) => {
  assert.ok(error instanceof PolicyError && VettyError.is(error), String(error));
  assert.deepEqual([error.code, error.verdict.allowed, error.verdict.code], [code, false, code]);
  assert.match(error.message, message);
  assert.match(error.verdict.hint, /\w/, 'it says what to do');
  return true;
};

test('a verdict says all that is known of a call', () => {
  const verdict = terminal.check('echo hello');
  assert.deepEqual([verdict.allowed, verdict.code, verdict.hint], [true, 'ALLOWED', null]);
  assert.deepEqual([verdict.argv, verdict.cwd], [['echo', 'hello'], here]);
  assert.match(verdict.program, /^\/.*\/echo$/);
  assert.match(verdict.policy, /^[0-9a-f]{64}$/);
  assert.ok(verdict.env.includes('PATH') && verdict.dropped.includes('HOME'));
  const denied = terminal.check('echo secret');
  assert.deepEqual([denied.code, denied.rule], ['COMMAND_DENIED', { text: 'echo secret', key: 'commands.deny[0]' }]);
});

test('check and checkAsync say the same, and throw for no refusal', async () => {
  for (const command of ['echo x', 'rm x', 'echo "', '', 'echo \ud800', ['echo', 'a;b'], []]) {
    assert.deepEqual(await terminal.checkAsync(command), terminal.check(command), String(command));
  }
});

test('execute throws refusals at once, everything else rejects', async () => {
  assert.throws(() => terminal.execute('rm -rf x'), refused('COMMAND_NOT_ALLOWED', /^Command not allowed: rm$/));
  await assert.rejects(terminal.spawn('rm -rf x'), refused('COMMAND_NOT_ALLOWED', /^Command not allowed: rm$/));
});

test('a refusal is data after it crossed a border', () => {
  assert.throws(() => terminal.execute('rm'), (error) => {
    const { name, code, message, verdict, ...rest } = JSON.parse(JSON.stringify(error));
    assert.deepEqual([name, code, message, rest], ['PolicyError', 'COMMAND_NOT_ALLOWED', 'Command not allowed: rm', {}]);
    assert.deepEqual(verdict, error.verdict);
    return true;
  });
});

test('the wording and the order of the reference system’s checks', () => {
  const cases = [
    ['', 'EMPTY_COMMAND', /^Empty command/],
    ['   ', 'EMPTY_COMMAND', /^Empty command/],
    [[], 'EMPTY_COMMAND', /^Empty command/],
    ['echo a b c d', 'TOO_MANY_ARGUMENTS', /^Argument validation failed: Too many arguments: 4 > max 3/],
    [['echo', 'a\0;'], 'NUL_BYTE', /^Argument validation failed: Null bytes detected in argument 0/],
    ['echo x ;../', 'SHELL_METACHARACTER', /^Argument validation failed: .*argument 1.*shell metacharacters/],
    ['echo ../x', 'PATH_TRAVERSAL', /^Argument validation failed: Path traversal detected in argument 0/],
    ['echo ..\\..\\x', 'PATH_TRAVERSAL', /Path traversal/],
    ['echo .../', 'PATH_TRAVERSAL', /Path traversal/],
    ['ls /etc', 'PATH_OUTSIDE_WORKSPACE', /^Argument validation failed: Path outside workspace in argument 0/],
  ];
  for (const [command, code, message] of cases) {
    assert.throws(() => terminal.execute(command), refused(code, message), JSON.stringify(command));
  }
  assert.throws(() => terminal.execute('echo ;', { cwd: '/' }), refused('SHELL_METACHARACTER', /./));
  assert.throws(() => terminal.execute('echo x', { cwd: '/' }), refused('WORKSPACE_NOT_ALLOWED', /^Workspace validation failed: /));
  assert.throws(() => terminal.execute('echo x', { cwd: 'no-such' }), refused('CWD_NOT_FOUND', /^Workspace validation failed: /));
});

test('what the reference system takes is taken', async () => {
  for (const word of ['\x01', '\u202e', '%2e%2e%2f', '"hello\\nworld"', 'HEAD..', 'v1../v2']) {
    const verdict = terminal.check(`echo ${word}`);
    assert.equal(verdict.code, 'ALLOWED', `${JSON.stringify(word)}: ${verdict.message}`);
  }
});

test('a lone surrogate is refused before it becomes another character', () => {
  for (const command of ['echo \ud800', 'echo \udc00x', ['echo', '\ud83d'], ['\udfff']]) {
    assert.throws(() => terminal.execute(command), refused('MALFORMED_COMMAND', /^Malformed command/));
  }
  assert.equal(terminal.check('echo 😀').code, 'ALLOWED');
  assert.throws(() => terminal.execute('echo x', { cwd: '\ud800' }), refused('CWD_NOT_FOUND', /^Workspace validation failed: /));
  assert.throws(() => terminal.execute('echo x', { env: { A: '\ud800' } }), refused('INVALID_ENVIRONMENT', /"A"/));
});

test('a variable that is none is refused, after what comes before it', () => {
  for (const env of [{ A: 1 }, { A: null }, { A: {} }, { '': 'x' }, { 'A=B': 'x' }, { 'A B': 'x' }, { A: 'x\0y' }]) {
    assert.throws(() => terminal.execute('echo x', { env }), refused('INVALID_ENVIRONMENT', /./), JSON.stringify(env));
    assert.throws(() => terminal.execute('rm x', { env }), refused('COMMAND_NOT_ALLOWED', /./));
  }
});

test('no value of a variable is told', () => {
  for (const value of [90210, ['90210'], { 90210: 1 }, '90210\0', '90210\ud800', '90210'.repeat(1 << 16)]) {
    const verdict = terminal.check('echo x', { env: { A: value } });
    assert.equal(verdict.code, 'INVALID_ENVIRONMENT');
    assert.match(verdict.message, /^Environment validation failed: variable "A": /);
    assert.doesNotMatch(JSON.stringify(verdict), /90210/);
  }
  for (const value of ['', '\ud800']) {
    assert.doesNotMatch(JSON.stringify(terminal.check('echo x', { env: { 'A=90210': value } })), /90210/);
  }
  assert.throws(() => terminal.check('echo x', { env: 'A=90210' }), { message: 'options.env: expected an object of strings, got a string' });
});

test('variables are own properties only', async () => {
  const open = new Terminal({ commands: { allow: ['env'] }, env: { allow: [], deny: ['PATH'] } });
  const env = Object.create({ INHERITED: '1' }, { OWN: { value: '1', enumerable: true } });
  Object.prototype.POLLUTED = '1';
  try {
    const { env: names } = open.check('env', { env });
    assert.ok(names.includes('OWN') && !names.includes('INHERITED') && !names.includes('POLLUTED'));
  } finally {
    delete Object.prototype.POLLUTED;
  }
  assert.throws(() => open.execute('env', { env: JSON.parse('{"__proto__":{"DENIED":"1"}}') }), refused('INVALID_ENVIRONMENT', /__proto__/));
});

test('a very long command is refused', () => {
  assert.throws(() => terminal.execute(`echo ${'x'.repeat(4 << 20)}`), refused('ARGUMENT_TOO_LONG', /./));
});

test('a wrong configuration names its key', () => {
  const cases = [
    [{ nonsense: 1 }, 'nonsense'],
    [{ commands: { alow: [] } }, 'commands.alow'],
    [{ commands: { maxArgs: NaN } }, 'commands.maxArgs'],
    [{ commands: { maxArgs: Infinity } }, 'commands.maxArgs'],
    [{ commands: { maxArgs: -1 } }, 'commands.maxArgs'],
    [{ commands: { maxArgs: 1.5 } }, 'commands.maxArgs'],
    [{ commands: { maxArgs: 10n } }, 'commands.maxArgs'],
    [{ commands: { strictArgs: 'yes' } }, 'commands.strictArgs'],
    [{ commands: { killSignal: 'SIGFOO' } }, 'commands.killSignal'],
    [{ commands: { allow: 'git' } }, 'commands.allow'],
    [{ commands: { allow: ['ok', 7] } }, 'commands.allow[1]'],
    [{ commands: { allow: ['ok', undefined] } }, 'commands.allow[1]'],
    [{ commands: { allow: ['git*'] } }, 'commands.allow[0]'],
    [{ commands: { allow: [() => true] } }, 'commands.allow[0]'],
    [{ commands: new Map() }, 'commands'],
    [{ timeout: '1s' }, 'timeout'],
    [{ workspaces: '/srv' }, 'workspaces'],
    [{ workspaces: [''] }, 'workspaces[0]'],
    [{ env: { set: { A: '\ud800' } } }, 'env.set.A'],
    [{ output: { maxBytes: -1 } }, 'output.maxBytes'],
    [{ limits: { wall: 'x' } }, 'limits.wall'],
    [JSON.parse('{"__proto__":{"allow":["*"]}}'), '__proto__'],
    [null, ''],
    ['x', ''],
    [[], ''],
    [new Map(), ''],
  ];
  for (const [config, key] of cases) {
    assert.throws(() => new Terminal(config), (error) => {
      assert.ok(error instanceof ConfigError && VettyError.is(error), String(error));
      assert.match(error.code, /^INVALID_(CONFIG|PATTERN)$/);
      assert.equal(error.key, key, error.message);
      return true;
    });
  }
});

test('a mistake says what was expected and what was got', () => {
  const whole = 'expected a whole number from 0 to 9007199254740991';
  const cases = [
    [{ command: {} }, /^command: unknown key, did you mean commands\? Expected one of workspaces, .*, output, limits, quotas, sessions, sandbox, audit$/],
    [{ commands: { maxArg: 1 } }, /^commands\.maxArg: unknown key, did you mean maxArgs\? Expected one of default, allow, .*, maxArgs, strictArgs, /],
    [{ output: { mark: '' } }, /^output\.mark: unknown key, did you mean marker\? Expected one of maxBytes, marker, highWaterMark, /],
    [{ limits: { wall: '1s' } }, new RegExp(`^limits\\.wall: ${whole}, got "1s"$`)],
    [{ limits: { wall: null } }, new RegExp(`^limits\\.wall: ${whole}, got null$`)],
    [{ output: { retain: { time: -1 } } }, new RegExp(`^output\\.retain\\.time: ${whole}, got -1$`)],
    [{ quotas: { running: 1.5 } }, new RegExp(`^quotas\\.running: ${whole}, got 1.5$`)],
    [{ quotas: { queued: 2 ** 53 } }, new RegExp(`^quotas\\.queued: ${whole}, got 9007199254740992$`)],
    [{ limits: { idle: NaN } }, /^limits\.idle: expected a whole number, got NaN$/],
    [{ limits: { output: -Infinity } }, /^limits\.output: expected a whole number, got -Infinity$/],
    [{ limits: [] }, /^limits: expected an object, got an array$/],
    [{ output: { marker: true } }, /^output\.marker: expected a string or false, got true$/],
  ];
  for (const [config, message] of cases) {
    assert.throws(() => new Terminal(config), { name: 'ConfigError', code: 'INVALID_CONFIG', message });
  }
});

test('a configuration without an end is refused', () => {
  const config = { commands: {} };
  config.commands.commands = config.commands;
  assert.throws(() => new Terminal(config), ConfigError);
});

test('functions have a place of their own', () => {
  assert.throws(() => new Terminal({ onApproval() {} }), { name: 'ConfigError', key: 'onApproval' });
  assert.throws(() => new Terminal({}, { onAudit: 1 }), { name: 'ConfigError', key: 'handlers.onAudit' });
});

test('an explicit undefined is the default', () => {
  const { commands, timeout } = new Terminal({ timeout: undefined, commands: { strictArgs: undefined, noShell: undefined } }).getConfig();
  assert.deepEqual([timeout, commands.strictArgs, commands.noShell, commands.default], [30000, true, true, 'deny']);
});

test('a configuration is copied: nothing that is changed later changes it', () => {
  const allow = ['echo *'];
  const mine = new Terminal({ commands: { allow } });
  allow.push('rm *');
  assert.equal(mine.check('rm x').code, 'COMMAND_NOT_ALLOWED');
  const config = mine.getConfig();
  assert.throws(() => config.commands.allow.push('rm *'), TypeError);
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.env.set));
});

test('inherited properties configure nothing', () => {
  Object.prototype.commands = { allow: ['*'] };
  try {
    assert.equal(new Terminal({}).check('ls').allowed, false);
  } finally {
    delete Object.prototype.commands;
  }
  assert.equal(new Terminal(Object.create({ commands: { allow: ['*'] } })).check('ls').allowed, false);
});

test('getConfig goes in again and means the same', () => {
  for (const config of [{}, { commands: { allow: [] } }, { commands: { allow: ['ls'] }, output: { marker: false } }]) {
    const first = new Terminal(config).getConfig();
    assert.deepEqual(new Terminal(first).getConfig(), first);
  }
});

test('an empty allow permits, an absent one does not', () => {
  assert.equal(new Terminal({ commands: { allow: [] } }).check('ls').allowed, true);
  assert.equal(new Terminal({ commands: { deny: ['rm'] } }).check('ls').allowed, false);
  assert.equal(new Terminal().check('ls').allowed, false);
});

test('lint tells of what is legal and probably wrong', () => {
  const [hint] = new Terminal({ commands: { allow: ['sh'] } }).lint();
  assert.deepEqual([hint.code, hint.key], ['SHELL_ALLOWED', 'commands.allow[0]']);
});
