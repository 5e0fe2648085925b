// Sets the version of the crates and of the packages, which is one, and closes the part of the changelog that is open.
// Usage: node release/version.mjs VERSION

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const [version] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$/.test(version ?? '')) {
  console.error('Usage: node release/version.mjs VERSION, as in 1.2.3 or 1.2.3-rc.1');
  process.exit(2);
}

/** Each place has to be there: a release whose parts disagree does not load. */
function change(path, pattern, replacement) {
  const before = readFileSync(path, 'utf8');
  if (before.search(pattern) < 0) throw new Error(`${path}: nothing matches ${pattern}`);
  writeFileSync(path, before.replace(pattern, replacement));
}

change('Cargo.toml', /^version = ".*"$/m, `version = "${version}"`);
change('Cargo.toml', /(path = "crates\/\w+", version = )".*?"/g, `$1"${version}"`);
change('npm/terminal/package.json', /"version": ".*"/, `"version": "${version}"`);
const today = new Date().toISOString().slice(0, 10);
change('CHANGELOG.md', /^## \[Unreleased\]$/m, `## [Unreleased]\n\n## [${version}] - ${today}`);

execFileSync('cargo', ['update', '--workspace', '--offline'], { stdio: 'inherit' });
execFileSync('cargo', ['update', '--workspace', '--offline', '--manifest-path', 'fuzz/Cargo.toml'], { stdio: 'inherit' });
execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund', '--offline'], { stdio: 'inherit' });
console.log(`All parts are ${version} now. Next: a look at CHANGELOG.md, a commit, a tag v${version}, release/prepare.mjs.`);
