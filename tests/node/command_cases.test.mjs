// Every command line of the corpus for this machine comes out as expected: checked, executed and spawned.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WAYS, complaintOf } from './command_outcome.mjs';
import { mutationOf, rows } from './command_rows.mjs';
import { outputOfFile } from './host.mjs';

const SYSTEMS = { linux: ['posix'], darwin: ['posix', 'darwin'] }[process.platform] ?? [];
const TIERS = ['core', 'os', 'rules'];
const mine = rows.filter(({ platform, tier }) => TIERS.includes(tier) && platform.split(',').some((name) => SYSTEMS.includes(name)));

for (const row of mine) {
  test(`${row.id}: ${row.expected}: ${row.why}`, async () => {
    for (const way of Object.keys(WAYS)) {
      const complaint = mutationOf(row).ofDefault ? await inOwnProcess(row, way) : await complaintOf(row, way);
      assert.equal(complaint, undefined, way);
    }
  });
}

/** For what changes the default terminal of its process for good. */
async function inOwnProcess({ id }, way) {
  return JSON.parse(await outputOfFile('command_case.mjs', id, way)).complaint;
}

test('every row is for a system and a tier that there is, and for this machine there are many', { skip: SYSTEMS.length === 0 }, () => {
  assert.ok(rows.every(({ tier }) => TIERS.includes(tier)));
  assert.ok(rows.every(({ platform }) => platform.split(',').every((name) => ['posix', 'darwin', 'win32'].includes(name))));
  assert.ok(mine.length > 150, String(mine.length));
});
