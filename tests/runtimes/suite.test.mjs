// The JavaScript tests, on each runtime and in worker threads.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ROOT, RUNTIMES, ran } from './runtimes.mjs';

const files = readdirSync(`${ROOT}/tests/node`)
  .filter((name) => name.endsWith('.test.mjs'))
  .map((name) => `tests/node/${name}`);

/** How many tests passed and failed, in the words of each runner; the workers' are added up. */
function counted(output) {
  const sum = (pattern) => (output.match(pattern) ?? []).reduce((total, line) => total + Number(line.match(/\d+/)[0]), 0);
  return {
    passed: sum(/^[#ℹ] pass \d+$|^ *\d+ pass$|\d+ passed/gm),
    failed: sum(/^[#ℹ] fail \d+$|^ *\d+ fail$|\d+ failed/gm),
  };
}

/** What each runner writes of a test that passed. */
const PASSED = /^ *(ok \d|# Subtest|---$|\.\.\.$|duration_ms|type: )|✔|^\(pass\)|\.\.\. ok/;

async function passes(program, args) {
  const { code, output } = await ran(program, args);
  const { passed, failed } = counted(output);
  const rest = output.split('\n').filter((line) => !PASSED.test(line)).join('\n');
  assert.ok(code === 0 && passed > 100 && failed === 0, `${passed} passed, ${failed} failed, ended with ${code}:\n${rest}`);
}

// Most of the time the tests wait.
describe('the JavaScript tests', { concurrency: 2 }, () => {
  for (const [name, runtime] of Object.entries(RUNTIMES)) {
    const { program, test, isNode } = runtime();
    // `npm test` is this Node's.
    if (name !== 'this Node') {
      it(`pass on ${name}`, () => passes(program, test(files)));
    }
    // The runners of Deno and Bun run in no worker thread; `workers.test.mjs` is for them.
    if (isNode) {
      it(`pass in worker threads on ${name}`, () => passes(program, ['tests/runtimes/in_workers.mjs', ...files]));
    }
  }
});
