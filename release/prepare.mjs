// Makes all that a release uploads, tries it, and tells how to upload it; uploads nothing.
//
// Usage: node release/prepare.mjs [--dry-run] [BINARIES]
//
// BINARIES is the folder with `vetty.<platform>.node` of every platform, built on each of them (default: npm/terminal).
// With --dry-run binaries may be missing and the checkout may have changes. What is made lies in target/publish.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { binariesIn, stage } from './npm_packages.mjs';
import { PLATFORMS, platformOf } from './platforms.mjs';

const dryRun = process.argv.includes('--dry-run');
const [folder = 'npm/terminal'] = process.argv.slice(2).filter((argument) => argument !== '--dry-run');
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const binaries = resolve(folder);

const run = (program, args, options) => execFileSync(program, args, { stdio: 'inherit', ...options });
const said = (program, args) => execFileSync(program, args, { encoding: 'utf8', maxBuffer: 64 << 20 });

const metadata = JSON.parse(said('cargo', ['metadata', '--format-version', '1', '--no-deps', '--locked']));
const crates = inOrder(metadata.packages.filter(({ publish }) => publish === null));
const { version } = JSON.parse(readFileSync('npm/terminal/package.json', 'utf8'));

checkVersions();
checkTree();
checkBinaries();

const out = join(metadata.target_directory, 'publish');
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

// Each crate is built from what is packed of it.
const dirty = dryRun ? ['--allow-dirty'] : [];
run('cargo', ['package', '--locked', ...dirty, ...crates.flatMap(({ name }) => ['--package', name])]);
for (const { name } of crates) {
  const file = `${name}-${version}.crate`;
  cpSync(join(metadata.target_directory, 'package', file), join(out, file));
}

const packages = stage(join(out, 'npm'), binaries);
for (const path of packages) run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', out], { cwd: path });
const tarballs = readdirSync(out).filter((name) => name.endsWith('.tgz'));
tryInstalled();

const files = readdirSync(out).filter((name) => /\.(tgz|crate)$/.test(name)).sort();
const sum = (name) => createHash('sha256').update(readFileSync(join(out, name))).digest('hex');
writeFileSync(join(out, 'SHA256SUMS'), files.map((name) => `${sum(name)}  ${name}\n`).join(''));

console.log(`\n| file of ${version} | bytes |\n| --- | --- |`);
for (const name of files) console.log(`| ${name} | ${statSync(join(out, name)).size} |`);
console.log(dryRun ? '\nA dry run. A release would be uploaded by:' : '\nTo upload it:');
for (const { name } of crates) console.log(`  cargo publish --locked --package ${name}`);
for (const path of packages) console.log(`  npm publish --provenance --access public --ignore-scripts ${path}`);

/** A crate stands behind all of its own that it needs: the registry wants them first. */
function inOrder(packages) {
  const ours = new Set(packages.map(({ name }) => name));
  const sorted = [];
  const add = (crate) => {
    if (sorted.includes(crate)) return;
    const needed = new Set(crate.dependencies.map(({ name }) => name).filter((name) => ours.has(name)));
    packages.filter(({ name }) => needed.has(name)).forEach(add);
    sorted.push(crate);
  };
  packages.forEach(add);
  return sorted;
}

function checkVersions() {
  for (const { name, version: other } of crates) assert.equal(other, version, `${name} is ${other}, the package is ${version}`);
  const changelog = readFileSync('CHANGELOG.md', 'utf8');
  assert.ok(dryRun || changelog.includes(`\n## [${version}] - `), `CHANGELOG.md has nothing of ${version}: release/version.mjs`);
}

function checkTree() {
  const changes = said('git', ['status', '--porcelain']);
  assert.ok(dryRun || changes === '', `what is not committed would not be released:\n${changes}`);
}

function checkBinaries() {
  const there = new Set(binariesIn(binaries).map(platformOf));
  const missing = Object.keys(PLATFORMS).filter((name) => !there.has(name));
  assert.ok(there.size > 0, `no binary in ${folder}: npm run build makes this platform's`);
  assert.ok(dryRun || missing.length === 0, `binaries are missing in ${folder}: ${missing.join(', ')}`);
  if (missing.length > 0) console.log(`Without the binaries for ${missing.join(', ')}.`);
}

/** Whether it is for every platform, or for this one. */
function fits(tarball) {
  const platform = Object.keys(PLATFORMS).find((name) => tarball.includes(`-${name}-`));
  if (platform === undefined) return true;
  const { os, cpu, libc } = PLATFORMS[platform];
  const own = process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  return os === process.platform && cpu === process.arch && (libc === undefined || libc === own);
}

/** As a user has it: an empty folder, the tarballs, five lines. */
function tryInstalled() {
  const here = mkdtempSync(join(tmpdir(), 'vetty-release-'));
  try {
    writeFileSync(join(here, 'package.json'), '{ "private": true }');
    const paths = tarballs.filter(fits).map((name) => join(out, name));
    run('npm', ['install', '--offline', '--silent', '--no-audit', '--no-fund', '--no-package-lock', ...paths], { cwd: here });
    const five = [
      "import { Terminal } from '@vetty/terminal';",
      "const terminal = new Terminal({ commands: { allow: ['node *'] } });",
      "const { exitCode, stdout } = await terminal.execute(['node', '-p', '6 * 7'], { env: process.env });",
      "if (exitCode !== 0 || stdout !== '42\\n') throw new Error(stdout);",
      "console.log('installed from the tarballs, it runs');",
    ];
    writeFileSync(join(here, 'five.mjs'), five.join('\n'));
    run(process.execPath, ['five.mjs'], { cwd: here });
  } finally {
    rmSync(here, { recursive: true });
  }
}
