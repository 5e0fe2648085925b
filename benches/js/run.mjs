// Measures @vetty/terminal beside its peers, in turn and in one run, and prints a table.
//
// Usage: node benches/js/run.mjs [ROW...]; without a name all rows. These peers take part where they are installed:
// npm install --no-save execa @lydell/node-pty @replit/ruspty. Linux only.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './measure.mjs';

const ROUNDS = 5;
const OURS = 'vetty';
const peers = ['child_process', ...(isInstalled('execa') ? ['execa'] : [])];
/** Of terminals. */
const terminals = ['@lydell/node-pty', '@replit/ruspty'].filter(isInstalled).map((name) => `session_${name.replace(/^.*\//, '').replace('-', '_')}`);

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
  return compareAmong([OURS, ...peers], ROUNDS, script, ...args);
}

const compareTerminals = (rounds, script, ...args) => compareAmong(['session_vetty', ...terminals], rounds, `session/${script}`, ...args);

function compareAmong(adapters, rounds, script, ...args) {
  const measured = new Map(adapters.map((adapter) => [adapter, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [adapter, facts] of measured) facts.push(measure(script, adapter, ...args));
  }
  const medians = (facts) => Object.fromEntries(Object.keys(facts[0]).map((key) => [key, median(facts.map((fact) => fact[key]))]));
  return new Map([...measured].map(([adapter, facts]) => [adapter, medians(facts)]));
}

function print(what, measured, fact, unit, digits = 2) {
  const [[, { [fact]: ours }], ...others] = measured;
  for (const [peer] of others) {
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
  session() {
    for (const [host, count, megabytes] of [['small host', 200, 0], ['host with 2 GB more', 30, 2048]]) {
      const measured = compareTerminals(ROUNDS, 'open', count, 1, megabytes);
      print(`JavaScript thread blocked by open, ${host}`, measured, 'blocked', 'ms', 3);
      print(`/bin/true on a terminal, open to exit, ${host}`, measured, 'wall', 'ms');
    }
    print('terminals a second, 64 at once', compareTerminals(ROUNDS, 'open', 640, 64, 0), 'rate', '/s', 0);
  },
  session_stream() {
    const folder = mkdtempSync(join(tmpdir(), 'vetty-bench-'));
    try {
      const file = join(folder, 'file');
      writeFileSync(file, Buffer.alloc(500e6, 'x'));
      const measured = compareTerminals(ROUNDS, 'stream', file, 500e6);
      print('500 MB through a raw terminal', measured, 'rate', 'MB/s', 0);
      print('500 MB through a raw terminal, own processor time', measured, 'processor', 's');
      print('a piece of it, on average', measured, 'piece', 'KiB', 0);
      print('bytes of it that are lost', measured, 'lost', '', 0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  session_echo() {
    const measured = compareTerminals(ROUNDS, 'echo', 5000);
    print('one byte and back', measured, 'time', 'us', 0);
    print('one byte and back, own processor time', measured, 'processor', 'us', 0);
  },
  session_idle() {
    const measured = compareTerminals(1, 'idle', 500);
    print('an idle terminal of 500, memory', measured, 'memory', 'KiB', 1);
    print('an idle terminal of 500, threads', measured, 'threads', '', 2);
    print('an idle terminal of 500, descriptors', measured, 'descriptors', '', 2);
    print('500 idle terminals, processor time in 10 s', measured, 'processor', 'ms', 1);
  },
  session_slow_reader() {
    print('memory above the idle process, `yes` read at 8 MB/s', compareTerminals(3, 'slow_reader', 6), 'growth', 'MB', 1);
  },
  session_quick_exits() {
    print('runs of 460 that lost something', compareTerminals(1, 'quick_exits', 200), 'lossy', '', 0);
  },
};

const wanted = process.argv.slice(2);
for (const name of wanted) if (!Object.hasOwn(rows, name)) throw new Error(`no such row: ${name}`);
console.log('| what | peer | vetty | peer | vetty / peer |\n| --- | --- | --- | --- | --- |');
for (const name of wanted.length > 0 ? wanted : Object.keys(rows)) rows[name]();
