// Programs on a terminal, driven to their ends: the questions of `npm init`, and a Python prompt.
//
// `node examples/session.mjs` in a checkout after `npm install`. In Rust: session.rs

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Terminal } from '@vetty/terminal';

const folder = await mkdtemp(join(tmpdir(), 'session-'));
const terminal = new Terminal({
  workspaces: [folder],
  commands: { allow: ['npm init', 'python3 -q'] },
  env: { set: { NO_UPDATE_NOTIFIER: '1' } },
});

const npm = await terminal.open('npm init', { encoding: 'utf8' });
const answers = { 'package name:': 'driven', 'version:': '', 'description:': 'Made by a program', 'author:': 'Ada' };
// Whatever it asks is answered, until it has ended.
for (;;) {
  const question = { output: /([a-z ]+:|Is this OK\?)[^:?\n]*$/ };
  const { match } = await npm.wait({ any: [question, { exit: true }] });
  if (match === null) break;
  const [asked] = match.groups.map((text) => text.trim());
  await npm.send(answers[asked] ?? '', { enter: true });
}
const { exitCode } = await npm.exited;
const { name, description, author } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
console.log(`npm init: ${name}, ${description}, by ${author} (exit code ${exitCode})`);

const python = await terminal.open('python3 -q');
await python.wait({ output: '>>> ' });
const { match } = await python.send('print(6 * 7)\n', { until: { output: /^(\d+)$/m } });
console.log(`python3: ${match.groups[0]}`);
await python.send('exit(3)\n');
console.log(`python3: exit code ${(await python.exited).exitCode}`);
await rm(folder, { recursive: true });
