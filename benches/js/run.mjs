// Measures @vetty/terminal beside its peers, in turn and in one run, and prints a table.
//
// Usage: node benches/js/run.mjs [ROW...]; without a name all rows. execa takes part where it is installed:
// npm install --no-save execa. Linux only.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './measure.mjs';

const ROUNDS = 5;
const OURS = 'vetty';
const peers = ['child_process', ...(isInstalled('execa') ? ['execa'] : [])];

function isInstalled(name) {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}

const measure = (script, ...args) =>
  JSON.parse(execFileSync(process.execPath, [join(import.meta.dirname, `${script}.mjs`), ...args.map(String)], { encoding: 'utf8' }));

/** Medians of each fact, by adapter. */
function compare(script, ...args) {
  const measured = new Map([OURS, ...peers].map((adapter) => [adapter, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [adapter, facts] of measured) facts.push(measure(script, adapter, ...args));
  }
  const medians = (facts) => Object.fromEntries(Object.keys(facts[0]).map((key) => [key, median(facts.map((fact) => fact[key]))]));
  return new Map([...measured].map(([adapter, facts]) => [adapter, medians(facts)]));
}

function print(what, measured, fact, unit, digits = 2) {
  const ours = measured.get(OURS)[fact];
  for (const peer of peers) {
    const theirs = measured.get(peer)[fact];
    const shown = (value) => `${value.toFixed(digits)} ${unit}`;
    console.log(`| ${what} | ${peer} | ${shown(ours)} | ${shown(theirs)} | ${(ours / theirs).toFixed(3)} |`);
  }
}

function target(what, ours, unit, limit) {
  console.log(`| ${what} | target | ${ours.toFixed(1)} ${unit} | ${limit} ${unit} | ${(ours / limit).toFixed(3)} |`);
}

const rows = {
  execute() {
    for (const [host, count, megabytes] of [['small host', 300, 0], ['host with 2 GB more', 60, 2048]]) {
      const measured = compare('execute', count, 1, megabytes);
      print(`JavaScript thread blocked by the call, ${host}`, measured, 'blocked', 'ms', 3);
      print(`JavaScript thread busy a call, ${host}`, measured, 'busy', 'ms', 3);
      print(`execute('true'), ${host}`, measured, 'wall', 'ms');
    }
    print('executes a second, 64 at once', compare('execute', 1000, 64, 0), 'rate', '/s', 0);
  },
  stream() {
    const folder = mkdtempSync(join(tmpdir(), 'vetty-bench-'));
    try {
      const file = join(folder, 'file');
      writeFileSync(file, Buffer.alloc(500e6, 'x'));
      for (const [program, ...args] of [['head -c'], ['cat', file]]) {
        const measured = compare('stream', 500, ...args);
        print(`500 MB from ${program}`, measured, 'rate', 'MB/s', 0);
        print(`500 MB from ${program}, own processor time`, measured, 'processor', 's');
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    print('memory above the idle process, slow reader', compare('slow_reader', 200), 'growth', 'MB', 1);
  },
  check() {
    const { withoutLookUps, allIn } = measure('check');
    target('check of ten words against 50 rules, without look-ups', withoutLookUps, 'us', 12);
    target('check of ten words against 50 rules, all in', allIn, 'us', 30);
  },
  cold() {
    const { nothing, execute } = measure('cold');
    target('import and first execute, above node -e 0', execute - nothing, 'ms', 60);
  },
};

const wanted = process.argv.slice(2);
for (const name of wanted) if (!Object.hasOwn(rows, name)) throw new Error(`no such row: ${name}`);
console.log('| what | peer | vetty | peer | vetty / peer |\n| --- | --- | --- | --- | --- |');
for (const name of wanted.length > 0 ? wanted : Object.keys(rows)) rows[name]();
