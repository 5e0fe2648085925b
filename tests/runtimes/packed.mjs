// The package as its users get it: packed, and installed into an empty folder together with the package of its binary.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stage } from '../../release/npm_packages.mjs';
import { ROOT, ran } from './runtimes.mjs';

const SOURCE = join(ROOT, 'npm/terminal');
const manifest = createRequire(import.meta.url)(`${SOURCE}/package.json`);

/** `{ folder, tarball, remove }`: a copy of `consumer`, with the package in its `node_modules`. */
export async function consumer() {
  const folder = mkdtempSync(join(tmpdir(), 'vetty-packed-'));
  const tarballs = join(folder, 'tarballs');
  mkdirSync(tarballs);
  for (const staged of stage(join(folder, 'staged'), SOURCE)) {
    await npm(['pack', '--ignore-scripts', '--pack-destination', tarballs], staged);
  }
  const paths = readdirSync(tarballs).map((name) => join(tarballs, name));
  cpSync(join(ROOT, 'tests/runtimes/consumer'), folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  await npm(['install', '--offline', '--no-audit', '--no-fund', '--no-package-lock', ...paths], folder);
  return {
    folder,
    tarball: join(tarballs, `vetty-terminal-${manifest.version}.tgz`),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

async function npm(args, cwd) {
  const { code, output } = await ran('npm', args, { cwd });
  assert.equal(code, 0, output);
}
