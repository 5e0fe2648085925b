// Policies that stand in files, as terminals load them.

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ConfigError, Terminal } from '@vetty/terminal';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'policy-')));
after(() => rmSync(folder, { recursive: true }));

function written(name, text) {
  const path = join(folder, name);
  writeFileSync(path, typeof text === 'string' ? text : JSON.stringify(text));
  return path;
}

const said = (expected) => (error) => {
  assert.ok(error instanceof ConfigError, String(error));
  assert.deepEqual([error.code, error.key], [expected.code ?? 'INVALID_CONFIG', expected.key]);
  assert.match(error.message, expected.message);
  return true;
};

test('a terminal is loaded from JSON and from TOML, and means the same', async () => {
  const config = { workspaces: [folder], commands: { allow: ['echo *'], deny: ['echo secret'], maxArgs: 3 } };
  const json = written('same.json', { $schema: './policy.schema.json', version: 1, ...config, tests: { allow: ['echo a'], deny: ['echo secret'] } });
  const toml = written('same.toml', `
version = 1
workspaces = [${JSON.stringify(folder)}]

[commands]
allow = ["echo *"]
deny = ["echo secret"]
max_args = 3

[tests]
allow = ["echo a"]
deny = ["echo secret"]
`);
  const terminals = [new Terminal(config), await Terminal.load(json), await Terminal.load(pathToFileURL(toml))];
  const [hash] = new Set(terminals.map((terminal) => terminal.check('echo a').policy));
  for (const terminal of terminals) {
    assert.deepEqual(terminal.getConfig(), terminals[0].getConfig());
    assert.equal((await terminal.execute('echo hello')).stdout, 'hello\n');
    assert.throws(() => terminal.execute('echo secret'), (error) => error.code === 'COMMAND_DENIED' && error.verdict.policy === hash);
    await terminal.close();
  }
});

test('other sections are read too, and handlers are given apart', async () => {
  const path = written('sections.toml', `
version = 1
workspaces = [${JSON.stringify(folder)}]
[commands]
ask = ["echo *"]
[output]
max_bytes = 7
retain = { count = 3 }
[sessions.max_size]
cols = 100
`);
  const terminal = await Terminal.load(path, { onApproval: () => 'allow' });
  const { output, sessions } = terminal.getConfig();
  assert.deepEqual([output.maxBytes, output.retain.count, sessions.maxSize.cols], [7, 3, 100]);
  assert.equal((await terminal.execute('echo hello')).stdout, 'hello\n');
  await terminal.close();
});

test('a mistake names the file and the key', async () => {
  const path = written('mistake.toml', 'version = 1\n[output]\nmax_byte = 7\n');
  await assert.rejects(Terminal.load(path), said({ key: 'output.max_byte', message: /mistake\.toml: output\.max_byte: unknown key, did you mean max_bytes\?/ }));
  const error = await Terminal.load(path).catch((caught) => caught);
  assert.equal(error.file, path);
  // Bun's stacks end at the first function that waits.
  if (globalThis.Bun === undefined) assert.match(error.stack, /policy_file\.test\.mjs/);
  await assert.rejects(Terminal.load(join(folder, 'none.toml')), said({ key: '', message: /none\.toml: cannot be read: / }));
  await assert.rejects(Terminal.load(written('text.yaml', '')), said({ key: '', message: /\.json or \.toml/ }));
});

test('a test that fails keeps the terminal from being loaded, and says why', async () => {
  const path = written('failing.json', { version: 1, workspaces: [folder], commands: { allow: ['rm *'] }, tests: { deny: ['rm -rf x'] } });
  const message = /tests\.deny\[0\]: expected "rm -rf x" to be refused, and it is permitted by "rm \*" in commands\.allow\[0\]/;
  await assert.rejects(Terminal.load(path), said({ code: 'POLICY_TEST_FAILED', key: 'tests.deny[0]', message }));
});

test('what an include denies stays denied', async () => {
  written('base.json', { version: 1, commands: { deny: ['echo secret'] } });
  const path = written('top.toml', `version = 1\ninclude = ["base.json"]\nworkspaces = [${JSON.stringify(folder)}]\n[commands]\nallow = ["echo *"]\n`);
  const terminal = await Terminal.load(path);
  assert.equal(terminal.check('echo secret').code, 'COMMAND_DENIED');
  await terminal.close();
});

test('a policy that anybody may write is refused', { skip: process.platform === 'win32' }, async () => {
  const path = written('open.json', { version: 1 });
  chmodSync(path, 0o666);
  await assert.rejects(Terminal.load(path), said({ key: '', message: /anybody may write it/ }));
});

test('what is no path is told', async () => {
  for (const path of [undefined, '', 'a\0b', 1, new URL('https://example.org/policy.toml')]) {
    await assert.rejects(Terminal.load(path), said({ code: 'INVALID_OPTION', key: 'path', message: /expected a file's name/ }));
  }
});

test('the example of a policy for a coding agent can be copied', async () => {
  const examples = new URL('../../examples/policies/', import.meta.url);
  const [toml, json] = await Promise.all(['coding-agent.toml', 'coding-agent.json'].map((name) => Terminal.load(new URL(name, examples))));
  assert.deepEqual(toml.getConfig(), json.getConfig());
  assert.equal(toml.check('git status').policy, json.check('git status').policy);
  assert.equal(toml.check('git push').code, 'COMMAND_DENIED');
  assert.equal(toml.check('npm install left-pad').code, 'APPROVAL_REQUIRED');
  assert.deepEqual(toml.lint().filter(({ code }) => !['POLICY_WRITABLE', 'SEARCH_PATH_SKIPPED'].includes(code)), [], 'these are of the machine');
  assert.match(readFileSync(new URL('coding-agent.json', examples), 'utf8'), /policy\.schema\.json/);
  await Promise.all([toml.close(), json.close()]);
});
