// The packed package under test frameworks that give each test file a realm, a thread or a process of its own.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { untilDead } from '../node/host.mjs';
import { consumer } from './packed.mjs';
import { installed, ran } from './runtimes.mjs';

/** So many that listeners which pile up are warned of. */
const COPIES = 12;

let packed;
before(async () => {
  packed = await consumer();
  const source = join(packed.folder, 'tested');
  for (const framework of ['jest', 'vitest']) mkdirSync(join(packed.folder, framework));
  for (const name of readdirSync(source)) {
    const required = readFileSync(join(source, name), 'utf8');
    const imported = required.replaceAll(/^const (\{.*\}) = require\((.*)\);$/gm, 'import $1 from $2;');
    for (let copy = 0; copy < (name === 'values.test.cjs' ? COPIES : 1); copy += 1) {
      writeFileSync(join(packed.folder, 'jest', `${copy}-${name}`), required);
      writeFileSync(join(packed.folder, 'vitest', `${copy}-${name.replace('.cjs', '.mjs')}`), imported);
    }
  }
});
after(() => packed?.remove());

const jest = (...options) => [installed('jest', 'bin/jest.js'), '--rootDir', 'jest', ...options];
const vitest = (...options) => [installed('vitest', 'vitest.mjs'), 'run', '--globals', '--dir', 'vitest', ...options];

const ways = {
  'jest, in its workers': jest('--maxWorkers=2'),
  'jest, in one process': jest('--runInBand'),
  'vitest, in processes': vitest('--pool=forks'),
  'vitest, in threads': vitest('--pool=threads'),
  'vitest, in realms of threads': vitest('--pool=vmThreads'),
};

// A process that is killed can end no tree: what it started itself ends with it, the rest does not.
const KILLED = 'vitest, in processes';

describe('several test files pass, and leave nothing running', () => {
  for (const [way, args] of Object.entries(ways)) {
    it(way, async () => {
      const { code, output } = await ran(process.execPath, args, { cwd: packed.folder });
      assert.equal(code, 0, output);
      assert.match(output, new RegExp(`Tests: .*${COPIES * 5 + 3} passed|Tests +${COPIES * 5 + 3} passed`));
      assert.doesNotMatch(output, /warning|did not exit/i);
      const left = join(packed.folder, 'left');
      const [child, grandchild, ...more] = readFileSync(left, 'utf8').trim().split(' ').map(Number);
      rmSync(left);
      assert.deepEqual(more, []);
      if (way === KILLED) process.kill(grandchild);
      await untilDead(child);
      await untilDead(grandchild);
    });
  }
});
