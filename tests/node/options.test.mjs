// The options and the arguments of a call: what is wrong is named.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, Terminal } from '@vetty/terminal';

const terminal = new Terminal({ commands: { allow: ['echo *'] } });
const wrong = (key, message) => (error) => {
  assert.ok(error instanceof ConfigError, String(error));
  assert.deepEqual([error.code, error.key], ['INVALID_OPTION', key], error.message);
  assert.match(error.message, message);
  return true;
};

test('an option that is unknown or of a wrong type says what was expected and what was got', () => {
  const cases = [
    [{ cwdd: '/' }, 'options.cwdd', /unknown option, expected cwd, env, timeout/],
    [{ sandbox: { level: 'strict' } }, 'options.sandbox', /expected an object with level \('filter', 'confine', 'isolate'\) or network/],
    [{ shell: true }, 'options.shell', /unknown option/],
    [{ cwd: 7 }, 'options.cwd', /expected a string, got 7/],
    [{ cwd: null }, 'options.cwd', /got null/],
    [{ env: [] }, 'options.env', /expected an object of strings, got an array/],
    [{ env: 'A=1' }, 'options.env', /got a string$/],
    [{ timeout: NaN }, 'options.timeout', /got NaN/],
    [{ timeout: -1 }, 'options.timeout', /expected a whole number/],
    [{ timeout: Infinity }, 'options.timeout', /got Infinity/],
    [{ timeout: 0.5 }, 'options.timeout', /got 0.5/],
    [{ timeout: '5' }, 'options.timeout', /got "5"/],
    [{ signal: {} }, 'options.signal', /expected an AbortSignal/],
    [{ encoding: 'utf-16' }, 'options.encoding', /expected 'utf8', 'latin1', 'buffer', got "utf-16"/],
    [{ input: 7 }, 'options.input', /got 7/],
    [{ input: new ArrayBuffer(1) }, 'options.input', /ArrayBuffer/],
    [{ maxBytes: -1 }, 'options.maxBytes', /got -1/],
    [{ background: 1 }, 'options.background', /expected true or false, got 1/],
    [{ onStdout: 'x' }, 'options.onStdout', /expected a function/],
    [null, 'options', /expected an object, got null/],
    ['x', 'options', /got "x"/],
    [[], 'options', /got an array/],
  ];
  for (const [options, key, message] of cases) {
    assert.throws(() => terminal.execute('echo x', options), wrong(key, message));
  }
});

test('wrong options come before the refusal, and reject where the rest rejects', async () => {
  assert.throws(() => terminal.execute('rm x', { nonsense: 1 }), wrong('options.nonsense', /./));
  assert.throws(() => terminal.check('rm x', { timeout: 1 }), wrong('options.timeout', /expected cwd, env, sandbox$/));
  await assert.rejects(terminal.spawn('echo x', { stderr: 'inherit' }), wrong('options.stderr', /got "inherit"/));
  await assert.rejects(terminal.checkAsync('echo x', { nonsense: 1 }), wrong('options.nonsense', /./));
});

test('a command is a line or an array of strings', () => {
  const sparse = ['echo'];
  sparse[2] = 'x';
  const cases = [
    [undefined, 'command'],
    [null, 'command'],
    [7, 'command'],
    [{}, 'command'],
    [new String('echo'), 'command'],
    [['echo', 7], 'command[1]'],
    [sparse, 'command[1]'],
  ];
  for (const [command, key] of cases) {
    assert.throws(() => terminal.execute(command), wrong(key, /expected a string/));
  }
});

test('what is no record of options or variables is refused, not taken for an empty one', async () => {
  const others = [new Map([['cwd', '/']]), Promise.resolve({}), new Date(), /x/, AbortSignal.abort(), new URLSearchParams('A=1'), new Set()];
  for (const other of others) {
    assert.throws(() => terminal.execute('echo x', other), wrong('options', /^options: expected an object, got an object \(\w+\)$/));
    assert.throws(() => terminal.execute('echo x', { env: other }), wrong('options.env', /expected an object of strings, got an object \(/));
    assert.throws(() => new Terminal({}, other), wrong('handlers', /got an object \(/));
  }
  class Options {
    timeout = 60000;
  }
  const environments = [process.env, Object.freeze({ NODE_ENV: 'x' }), Object.assign(Object.create(null), { NODE_ENV: 'x' }), new Proxy({}, {})];
  for (const env of environments) assert.equal((await terminal.execute('echo x', { env })).exitCode, 0);
  assert.equal((await terminal.execute('echo x', new Options())).exitCode, 0);
});

test('a message names a key so that it can be read and acts on no terminal', () => {
  const odd = `\u001b[31m\u202e${'k'.repeat(5000)}`;
  const named = (error) => {
    assert.match(error.message, /\\u\{1b\}\[31m\\u\{202e\}kkk+\.\.\.: /);
    assert.ok(error.message.length < 1000);
    return error.key.endsWith(odd);
  };
  assert.throws(() => terminal.execute('echo x', { [odd]: 1 }), named);
  assert.throws(() => new Terminal({ [odd]: 1 }), named);
  assert.throws(() => new Terminal({ commands: { [odd]: 1 } }), named);
  assert.throws(() => new Terminal({ [odd]: NaN }), named);
  assert.throws(() => terminal.execute('echo x', { encoding: '\u202e\u001b' }), { message: /got "\\u\{202e\}\\u001b"$/ });
});

test('an explicit undefined is the default, inherited options are none', async () => {
  const options = Object.assign(Object.create({ cwd: 7, nonsense: 1 }), { timeout: undefined, cwd: undefined, input: undefined });
  assert.equal((await terminal.execute('echo x', options)).stdout, 'x\n');
});

test('a polluted prototype reaches no call', async () => {
  Object.prototype.cwd = 7;
  Object.prototype.toJSON = () => 'gone';
  try {
    assert.equal((await terminal.execute('echo x', { env: { NODE_ENV: 'x' } })).stdout, 'x\n');
  } finally {
    delete Object.prototype.cwd;
    delete Object.prototype.toJSON;
  }
});
