// The types of the packed package, under the compilers and settings that its users have. What they say is tested in `tests/types`.

import assert from 'node:assert/strict';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { consumer } from './packed.mjs';
import { ROOT, RUNTIMES, installed, ran } from './runtimes.mjs';

let packed;
before(async () => {
  packed = await consumer();
  for (const name of ['typed.mts', 'typed.cts']) cpSync(join(packed.folder, 'typed.ts'), join(packed.folder, name));
});
after(() => packed?.remove());

const TYPES = join(ROOT, 'tests/runtimes/node_modules/@types');

/** Compiles, also what the package declares, and runs what came of it. */
async function compiles(compiler, options, files) {
  const outDir = 'compiled';
  const compilerOptions = { strict: true, skipLibCheck: false, target: 'es2022', outDir, rootDir: '.', typeRoots: [TYPES], types: [], ...options };
  writeFileSync(join(packed.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const { code, output } = await ran(process.execPath, [installed(compiler, 'bin/tsc')], { cwd: packed.folder });
  assert.equal(code, 0, output);
  for (const file of files) {
    const made = await ran(process.execPath, [join(outDir, file.replace(/ts$/, 'js'))], { cwd: packed.folder });
    assert.equal(made.output, 'typed and piped\ntrue COMMAND_NOT_ALLOWED true\n');
  }
}

for (const [compiler, title] of [['typescript', 'the newest TypeScript'], ['typescript-oldest', 'the oldest TypeScript']]) {
  describe(title, () => {
    it('takes it for NodeNext, in modules of both kinds', async () => {
      await compiles(compiler, { module: 'nodenext' }, ['typed.mts', 'typed.cts']);
    });

    it('takes it for CommonJS', async () => {
      await compiles(compiler, { module: 'commonjs', esModuleInterop: true }, ['typed.ts']);
    });

    it('takes it for a bundler', async () => {
      await compiles(compiler, { module: 'esnext', moduleResolution: 'bundler' }, ['typed.mts']);
    });
  });
}

describe('what else knows types', () => {
  it('TypeScript without the DOM, where Node declares what is used of it', async () => {
    await compiles('typescript', { module: 'nodenext', lib: ['es2022'], types: ['node'] }, ['typed.mts', 'typed.cts']);
  });

  it('Deno', async () => {
    rmSync(join(packed.folder, 'tsconfig.json'));
    const { code, output } = await ran(RUNTIMES.Deno().program, ['check', '--quiet', 'typed.mts'], { cwd: packed.folder });
    assert.equal(code, 0, output);
  });
});
