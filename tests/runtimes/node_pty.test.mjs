// The tests that node-pty is published with, unchanged, over our terminal.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { ROOT, installed, ran } from './runtimes.mjs';

/** Two raw sockets of a terminal without a program: node-pty's own inside. */
const NOT_PORTABLE = 'should open a pty with access to a master and slave socket';

it('what node-pty tests of itself holds of us', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'node-pty-'));
  try {
    cpSync(installed('node-pty', 'lib'), join(folder, 'lib'), { recursive: true });
    // Left out of the package, like all that is no code.
    mkdirSync(join(folder, 'fixtures'));
    writeFileSync(join(folder, 'fixtures', 'utf8-character.txt'), 'æ');
    mkdirSync(join(folder, 'home'));
    const mocha = installed('mocha', 'bin/mocha.js');
    const tests = ['lib/unixTerminal.test.js', 'lib/terminal.test.js'];
    const env = { HOME: join(folder, 'home'), NODE_OPTIONS: `--require=${ROOT}/tests/runtimes/node_pty_preload.cjs` };
    // `node` is named by them, and is to be this one.
    env.PATH = `${join(process.execPath, '..')}:${process.env.PATH}`;
    // One gives a child 200 ms to boot, which a busy machine may not.
    const args = [mocha, '--exit', '--retries=5', '--grep', NOT_PORTABLE, '--invert', ...tests];
    const { code, output } = await ran(process.execPath, args, { cwd: folder, env });
    assert.equal(code, 0, output);
    assert.match(output, /^ *1[4-9] passing/m);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
