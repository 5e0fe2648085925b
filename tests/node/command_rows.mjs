// The rows of the corpus as its README describes them, with all their encodings.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Terminal } from '@vetty/terminal';

const KEYS = ['id', 'category', 'tier', 'platform', 'config', 'command', 'cwd', 'env', 'options', 'mutate', 'expected', 'why'];
const CONDITIONS = ['expected_stdout', 'must_output', 'must_not_output', 'ambiguous'];

/** Every row there is. */
export const rows = JSON.parse(readFileSync(new URL('../corpus/command-cases.json', import.meta.url), 'utf8'));
for (const row of rows) {
  const unknown = Object.keys(row).filter((key) => ![...KEYS, ...CONDITIONS].includes(key));
  assert.deepEqual(unknown, [], `${row.id}: nothing of a row may be overlooked`);
}

const NUMBERS = { NaN, Infinity, undefined, null: null };

/** With its placeholders replaced, and what JSON cannot hold put in its place. */
export function decoded(value, places) {
  if (typeof value === 'string') {
    return Object.entries(places).reduce((text, [name, path]) => text.replaceAll(name, path), value);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((item) => decoded(item, places));
  }
  const { $number, $json, $array, $repeat } = value;
  if ($number !== undefined) {
    assert.ok(Object.hasOwn(NUMBERS, $number), $number);
    return NUMBERS[$number];
  }
  if ($json !== undefined) {
    return JSON.parse(decoded($json, places));
  }
  if ($array !== undefined) {
    return decoded($array, places);
  }
  if ($repeat !== undefined) {
    const [prefix, unit, count] = $repeat;
    return (prefix + unit.repeat(count)).trim();
  }
  // Not by assignment, which would take a `__proto__` for the prototype.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [decoded(key, places), decoded(item, places)]));
}

const ownTerminal = (config) => new Terminal(config);
const nothing = () => {};

/** What callers do to their own objects: how the terminal is made, what happens then, what undoes it. */
const MUTATIONS = {
  'getConfig().commands.deny.length=0': {
    mutate: (terminal) => assert.throws(() => (terminal.getConfig().commands.deny.length = 0), TypeError),
  },
  'configObject.commands.deny.length=0': { mutate: (terminal, config) => (config.commands.deny.length = 0) },
  'other=initialize({commands:{allow:["pwd"]}})': {
    ofDefault: true,
    mutate: () => {
      Terminal.initialize({ commands: { allow: ['pwd'] } });
      assert.equal(Terminal.check('pwd').allowed, true);
    },
  },
  'lock(); then setConfig({commands:{deny:[]}})': {
    ofDefault: true,
    make: (config) => {
      Terminal.initialize(config);
      return Terminal;
    },
    mutate: () => {
      Terminal.lock();
      assert.throws(() => Terminal.setConfig({ commands: { deny: [] } }), { name: 'ConfigError', code: 'LOCKED' });
    },
  },
  'Object.prototype.env={LD_PRELOAD:"x"} (options destructuring inherits)': {
    mutate: () => (Object.prototype.env = { LD_PRELOAD: 'x' }),
    undo: () => delete Object.prototype.env,
  },
};

/** What the caller does in a row. */
export function mutationOf({ id, mutate }) {
  if (mutate === undefined) return { make: ownTerminal, mutate: nothing, undo: nothing };
  assert.ok(Object.hasOwn(MUTATIONS, mutate), `${id}: ${mutate} is not known`);
  return { make: ownTerminal, undo: nothing, ...MUTATIONS[mutate] };
}
