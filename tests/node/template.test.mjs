// Commands as templates: what is interpolated is part of one argument.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, Terminal } from '@vetty/terminal';

const terminal = new Terminal({ commands: { allow: ['printf *'], strictArgs: 'unquoted' } });
const { $ } = terminal;
const words = async (running) => (await running).stdout.split('|').slice(0, -1);

test('each value is one argument, whatever it holds', async () => {
  const values = ['', 'two words', '"', "'", `it's "both"`, ' ; rm -rf / #', '$(id)', '\\', '-n', 'ü€𝄞'];
  for (const value of values) {
    const { argv, stdout } = await $`printf %s| ${value}`;
    assert.deepEqual([argv, stdout], [['printf', '%s|', value], `${value}|`]);
  }
  assert.deepEqual(await words($`printf %s| ${'a b'} c ${7} ${'d'}${'e'}`), ['a b', 'c', '7', 'de']);
});

test('a value may stand inside a word and inside quotes', async () => {
  const value = `x "y' z`;
  assert.deepEqual(await words($`printf %s| --name=${value} "in ${value} it" '${value}'`), [`--name=${value}`, `in ${value} it`, value]);
});

test('the text itself is split as every line is, a backslash is one', async () => {
  assert.deepEqual(await words($`printf %s|  "one two"	three\d  `), ['one two', 'three\\d']);
});

test('what is refused is a rejection', async () => {
  const refused = (code) => ({ name: 'PolicyError', code });
  await assert.rejects($`rm ${'x'}`, refused('COMMAND_NOT_ALLOWED'));
  await assert.rejects($`${'rm'} x`, refused('COMMAND_NOT_ALLOWED'));
  await assert.rejects($`${''} x`, refused('EMPTY_COMMAND'));
  await assert.rejects($``, refused('EMPTY_COMMAND'));
  await assert.rejects($`printf "x ${'y'}`, refused('MALFORMED_COMMAND'));
  await assert.rejects($`printf ${'\0'}`, refused('NUL_BYTE'));
  await assert.rejects($`printf ${'\ud800'}`, refused('MALFORMED_COMMAND'));
  await assert.rejects($`printf ${'../x'}`, refused('PATH_TRAVERSAL'));
  await assert.rejects($(Object.assign(['printf \0'], { raw: ['printf \0'] })), refused('NUL_BYTE'));
  const strict = new Terminal({ commands: { allow: ['printf *'] } });
  await assert.rejects(strict.$`printf ${'a;b'}`, refused('SHELL_METACHARACTER'));
});

test('no shell is asked, not even where one may be', async () => {
  const loose = new Terminal({ commands: { allow: ['printf *', '/bin/sh -c *'], noShell: false, strictArgs: false } });
  assert.deepEqual(await words(loose.$`printf %s| ${'a; echo b'} & c`), ['a; echo b', '&', 'c']);
});

test('what is no text, and what is no template, is named', async () => {
  const wrong = (key) => (error) => error instanceof ConfigError && error.code === 'INVALID_OPTION' && error.key === key;
  for (const value of [undefined, null, NaN, ['a'], {}, true, 1n]) {
    await assert.rejects($`printf ${'x'} ${value}`, wrong('values[1]'));
  }
  await assert.rejects($('printf x'), wrong('command'));
  await assert.rejects($(['printf x']), wrong('command'));
});

test('the default terminal has it too', async () => {
  Terminal.initialize({ commands: { allow: ['printf *'] } });
  const tag = Terminal.$;
  assert.equal((await tag`printf ${'x y'}`).stdout, 'x y');
});
