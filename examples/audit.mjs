// An audit trail: what an agent's commands came to, in a file that shows each change to it.
//
// `node examples/audit.mjs` in a checkout after `npm install`. In Rust: audit.rs

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Terminal, verifyAudit } from '@vetty/terminal';

const folder = mkdtempSync(join(tmpdir(), 'audit-'));
const file = join(folder, 'audit.jsonl');
const terminal = new Terminal(
  {
    commands: { allow: ['git *', 'echo *'], deny: ['git push'] },
    audit: { file, redact: { env: ['*TOKEN*', '*SECRET*', '*PASSWORD*'], output: true } },
  },
  {
    onAudit({ sequence, type, id, verdict, exit }) {
      const what = verdict === undefined ? exit?.exitCode : `${verdict.code} ${verdict.argv.join(' ')}`;
      console.log(String(sequence).padStart(3), type.padEnd(12), id ?? '', what ?? '');
    },
  },
);

await terminal.execute('git --version');
await terminal.tryExecute('git push --force');
const { stdout } = await terminal.execute(['echo', 'https://me:hunter2@example.org']);
assert.equal(stdout, 'https://me:[redacted]@example.org\n');

// The head is what you keep elsewhere: without it, nobody sees that the end of the file was cut off.
const head = terminal.auditHead();
await terminal.close();
assert.equal((await verifyAudit(file, { head })).ok, true);

writeFileSync(file, readFileSync(file, 'utf8').replace('COMMAND_DENIED', 'ALLOWED'));
const { ok, problem, brokenAt } = await verifyAudit(file, { head });
console.log({ ok, problem, brokenAt });
assert.equal(ok, false);
rmSync(folder, { recursive: true });
