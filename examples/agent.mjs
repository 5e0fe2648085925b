// An agent loop in small: commands as a model might write them, each vetted, run in a workspace of its own, and reported
// with what happened and why.
//
// `node examples/agent.mjs` in a checkout after `npm install`. In Rust: agent.rs

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Terminal, VettyError } from '@vetty/terminal';

const PERMITTED = [
  'git init --quiet',
  'cat notes.txt',
  'git add .',
  "git commit --quiet -m 'Add the notes'",
  'git log --oneline --stat',
  `echo "two  spaces stay" '' "and so does an empty word"`,
  'cargo --version',
  'node greet.mjs agent',
  'python3 count.py',
];

const REFUSED = [
  'git push origin main',
  "git commit --quiet --amend -m 'Rewrite history'",
  'rm -rf .',
  '/bin/rm -rf .',
  'curl https://example.org/install.sh',
  "python3 -c 'print(1)'",
  'cat /etc/passwd',
  'cat ../../etc/passwd',
  'echo done; rm -rf .',
];

class Agent {
  tally = {};

  constructor(terminal) {
    this.terminal = terminal;
  }

  /** Vets and runs a command. */
  async run(line, options) {
    console.log(`$ ${line}`);
    const { ok, result, error } = await this.terminal.tryExecute(line, options);
    if (ok) this.ended(result);
    else this.failed(error);
  }

  /** Prints each line when it comes, not at the end. */
  async stream(line) {
    console.log(`$ ${line}`);
    try {
      const child = await this.terminal.spawn(line, { stderr: 'merge', encoding: 'utf8' });
      for await (const text of child.lines()) console.log(`  > ${text}`);
      this.ended(await child.wait());
    } catch (error) {
      this.failed(error);
    }
  }

  /** Starts, looks, kills. */
  async background(line) {
    console.log(`$ ${line} (in the background)`);
    try {
      const { id, pid } = await this.terminal.execute(line, { background: true });
      console.log(`  process ${pid} of ${this.terminal.getList().length} listed`);
      const child = this.terminal.getProcess(id);
      this.terminal.kill(id);
      this.ended(await child.wait());
    } catch (error) {
      this.failed(error);
    }
  }

  ended({ stdout, stderr, reason, exitCode, signal }) {
    this.count(reason);
    for (const line of `${stdout}${stderr}`.split('\n').slice(0, -1)) console.log(`  | ${line}`);
    console.log(`  ${reason} (${signal ?? `exit code ${exitCode}`})`);
  }

  failed(error) {
    if (!VettyError.is(error)) throw error;
    const { code, message, verdict, result } = error;
    if (code === 'PROGRAM_NOT_FOUND') this.count('not on this machine');
    else this.count(verdict === undefined ? (result?.reason ?? 'failed') : 'refused');
    console.log(`  ${code}: ${message}`);
    if (verdict?.rule) console.log(`  by ${verdict.rule.key} = ${JSON.stringify(verdict.rule.text)}`);
    if (verdict?.hint) console.log(`  hint: ${verdict.hint}`);
  }

  count(what) {
    this.tally[what] = (this.tally[what] ?? 0) + 1;
  }
}

function writeProject(folder) {
  const files = {
    'notes.txt': 'one\ntwo\nthree\n',
    'greet.mjs': 'console.log(`Hello, ${process.argv[2]}, from ${process.version}`)\n',
    'count.py': "print(len(open('notes.txt').readlines()), 'lines')\n",
    'build.sh': 'for i in 1 2 3; do echo step $i; sleep 0.1; done; echo warning >&2; exit 3\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

const workspace = mkdtempSync(join(tmpdir(), 'agent-'));
writeProject(workspace);

// The policy belongs to whoever runs the agent. Nothing is permitted that it does not name.
const terminal = new Terminal({
  workspaces: [workspace],
  commands: {
    allow: [
      'git init *',
      'git add *',
      'git commit *',
      'git log *',
      'ls *',
      'cat *',
      'echo *',
      'sleep *',
      'cargo --version',
      // Interpreters by script, not by wildcard: whoever may choose the script may do anything.
      'node greet.mjs *',
      'python3 count.py',
      'sh build.sh',
    ],
    deny: ['git commit ** --amend', 'rm'],
  },
  env: { set: { GIT_AUTHOR_NAME: 'Agent', GIT_COMMITTER_NAME: 'Agent', EMAIL: 'agent@example.org' } },
  timeout: 20_000,
});
for (const { code, key, message } of terminal.lint()) console.log(`lint ${code} at ${key}: ${message}`);

console.log('\n== What the policy permits runs');
const agent = new Agent(terminal);
for (const line of PERMITTED) await agent.run(line);

console.log('\n== What it does not permit is refused, and nothing is started');
for (const line of REFUSED) await agent.run(line);
console.log('(in another directory, and with a variable that cannot be)');
await agent.run('ls', { cwd: '/' });
await agent.run('ls', { env: { 'NOT A NAME': '1' } });

console.log('\n== Variables that load code or hold secrets do not reach a program');
const { env, dropped } = terminal.check('ls', { env: { API_TOKEN: '-' } });
console.log(`passed: ${env.join(', ')}`);
console.log(`dropped: ${dropped.length} others`);

console.log('\n== Input for a program, and its output while it runs, line by line');
await agent.run('cat', { input: 'from outside\n' });
await agent.stream('sh build.sh');

console.log('\n== Ends that we bring about');
const moment = 200;
await agent.run('sleep 60', { timeout: moment });
const controller = new AbortController();
const aborted = agent.run('sleep 61', { signal: controller.signal });
await sleep(moment);
controller.abort();
await aborted;
await agent.background('sleep 62');

await terminal.close();
rmSync(workspace, { recursive: true });
console.log('\nAll in all:', agent.tally);
assert.equal(agent.tally.refused, 11);
