// Verdicts: what a policy says of a command, and why, without starting anything.
//
// `node examples/check.mjs` in a checkout after `npm install`, or with a command line of your own behind it. In Rust: check.rs

import assert from 'node:assert/strict';
import process from 'node:process';

import { Terminal } from '@vetty/terminal';

const terminal = new Terminal({ commands: { allow: ['git *', 'cargo test *'], deny: ['git push'] } });

const EXPECTED = {
  'git status --short': 'ALLOWED',
  'git push --force': 'COMMAND_DENIED',
  'cargo build': 'COMMAND_NOT_ALLOWED',
  'git log | head': 'SHELL_METACHARACTER',
  'git add /etc/hostname': 'PATH_OUTSIDE_WORKSPACE',
  'git commit -m "unfinished': 'MALFORMED_COMMAND',
};

function show(line) {
  const { code, message, rule, hint } = terminal.check(line);
  console.log(line.padEnd(28), code.padEnd(24), message);
  if (rule !== null) console.log(''.padEnd(28), `decided by ${rule.key} = ${JSON.stringify(rule.text)}`);
  if (hint !== null) console.log(''.padEnd(28), hint);
  return code;
}

const given = process.argv.slice(2);
if (given.length > 0) {
  // An argv is taken as it is; nothing is parsed.
  console.log(JSON.stringify(terminal.check(given), null, 2));
} else {
  for (const [line, code] of Object.entries(EXPECTED)) assert.equal(show(line), code);
}
