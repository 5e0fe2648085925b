// The packed package in an empty folder: what is in it, and that each runtime and bundler takes it.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { formatMessage } from 'publint/utils';
import { publint } from 'publint';
import { PLATFORMS } from '../../release/platforms.mjs';
import { consumer } from './packed.mjs';
import { RUNTIMES, installed, ran } from './runtimes.mjs';

let packed;
before(async () => (packed = await consumer()));
after(() => packed?.remove());

/** What a program writes to its standard output. */
async function said(program, args, env) {
  const { code, output, stdout } = await ran(program, args, { cwd: packed.folder, env });
  assert.equal(code, 0, output);
  return stdout;
}

describe('a binary', () => {
  it('has a package on every platform that it is built for, and the loader looks for it there', () => {
    const require = createRequire(import.meta.url);
    const { load } = require('../../npm/terminal/lib/native.cjs');
    const { napi } = require('../../npm/terminal/package.json');
    assert.deepEqual(napi.targets, Object.values(PLATFORMS).map(({ target }) => target));
    for (const [name, { os, cpu }] of Object.entries(PLATFORMS)) {
      const places = [];
      const absent = (place) => {
        places.push(place);
        throw Object.assign(new Error(`Cannot find module '${place}'`), { code: 'MODULE_NOT_FOUND' });
      };
      assert.throws(() => load(`${os}-${cpu}`, absent), { code: 'BINARY_NOT_FOUND' });
      assert.ok(places.includes(`@vetty/terminal-${name}`), `${name} in ${places}`);
    }
  });
});

describe('the tarball', () => {
  it('runs nothing at its installation', () => {
    const { scripts, dependencies, optionalDependencies } = JSON.parse(readFileSync(join(packed.folder, 'node_modules/@vetty/terminal/package.json'), 'utf8'));
    assert.deepEqual([scripts, dependencies], [undefined, undefined]);
    assert.ok(Object.keys(optionalDependencies).every((name) => /^@vetty\/terminal-\w+-\w+/.test(name)));
  });

  it('holds the package and nothing else', () => {
    const names = readdirSync(join(packed.folder, 'node_modules/@vetty/terminal'));
    const entries = ['index', 'node-pty'].flatMap((entry) => ['cjs', 'd.cts', 'd.ts', 'js'].map((end) => `${entry}.${end}`));
    assert.deepEqual(names.sort(), ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'policy.schema.json', 'policy.toml.schema.json', ...entries, 'lib', 'package.json', 'types'].sort());
  });

  it('has nothing that publint would mend', async () => {
    const { buffer, byteOffset, byteLength } = readFileSync(packed.tarball);
    const tarball = buffer.slice(byteOffset, byteOffset + byteLength);
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
  });

  it('has types that every way of resolution finds and that fit the code', async () => {
    const attw = installed('@arethetypeswrong/cli', 'dist/index.js');
    const { code, output } = await ran(process.execPath, [attw, '--no-color', packed.tarball]);
    assert.equal(code, 0, output);
  });
});

for (const [name, runtime] of Object.entries(RUNTIMES)) {
  describe(name, () => {
    const { program, run } = runtime();

    it('imports it', async () => {
      assert.equal(await said(program, run('import.mjs')), 'imported and spawned\ntrue COMMAND_NOT_ALLOWED true\n');
    });

    it('requires it', async () => {
      assert.equal(await said(program, run('require.cjs')), 'required and spawned\ntrue COMMAND_NOT_ALLOWED true\n');
    });

    for (const [format, file] of [['esm', 'bundled.mjs'], ['cjs', 'bundled.cjs']]) {
      it(`runs a bundle in which it is external: ${format}`, async () => {
        const { build } = createRequire(import.meta.url)('esbuild');
        await build({
          absWorkingDir: packed.folder,
          entryPoints: ['typed.ts'],
          outfile: file,
          bundle: true,
          format,
          platform: 'node',
          target: 'node18.18',
          external: ['@vetty/terminal'],
        });
        assert.equal(await said(program, run(file)), 'typed and piped\ntrue COMMAND_NOT_ALLOWED true\n');
      });
    }
  });
}

describe('the permissions of Deno', () => {
  const { program } = RUNTIMES.Deno();

  it('to load an addon, to read and to see the environment are enough', async () => {
    const args = ['run', '--quiet', '--no-prompt', '--allow-ffi', '--allow-read', '--allow-env', 'import.mjs'];
    assert.match(await said(program, args), /^imported and spawned\n/);
  });

  it('are named where one is lacking', async () => {
    const args = ['run', '--quiet', '--no-prompt', '--allow-read', '--allow-env', 'import.mjs'];
    const { code, output } = await ran(program, args, { cwd: packed.folder });
    assert.notEqual(code, 0);
    assert.match(output, /LoadError: .*Deno needs --allow-ffi, --allow-read and --allow-env/);
  });
});
