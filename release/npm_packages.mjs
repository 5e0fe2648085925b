// What npm gets of a release: the package of the facade, and one for each binary.

import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PLATFORMS, platformOf } from './platforms.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = join(ROOT, 'npm/terminal');
const LICENCES = ['LICENSE-MIT', 'LICENSE-APACHE'];

/** The names of the binaries in a folder. */
export const binariesIn = (folder) => readdirSync(folder).filter((name) => platformOf(name) in PLATFORMS);

/**
 * Writes the packages as they are to be published, each into a folder of its own.
 *
 * @param {string} target a folder; it is made
 * @param {string} binaries the folder where they lie; each becomes a package that the facade's names as optional
 * @returns {string[]} the folders, the facade's last: what it needs has to be there before it
 */
export function stage(target, binaries) {
  const { napi: _, ...manifest } = JSON.parse(readFileSync(join(SOURCE, 'package.json'), 'utf8'));
  const files = binariesIn(binaries);
  const staged = files.map((file) => binaryPackage(target, join(binaries, file), file, manifest));
  const facade = join(target, 'terminal');
  cpSync(SOURCE, facade, { recursive: true, filter: (path) => !path.endsWith('.node') && !path.includes('node_modules') });
  const names = files.map((file) => [packageOf(manifest, file), manifest.version]).sort();
  write(facade, { ...manifest, files: [...manifest.files, ...LICENCES], optionalDependencies: Object.fromEntries(names) });
  return [...staged, facade];
}

const packageOf = (manifest, file) => `${manifest.name}-${platformOf(file)}`;

function binaryPackage(target, path, file, { version, license, author, engines, ...manifest }) {
  const { target: triple, os, cpu, libc } = PLATFORMS[platformOf(file)];
  const folder = join(target, platformOf(file));
  mkdirSync(folder, { recursive: true });
  cpSync(path, join(folder, file));
  const name = packageOf(manifest, file);
  writeFileSync(join(folder, 'README.md'), `# ${name}\n\nThe binary of [${manifest.name}](https://www.npmjs.com/package/${manifest.name}) for ${triple}.\n`);
  write(folder, {
    name,
    version,
    description: `The binary of ${manifest.name} for ${triple}`,
    license,
    author,
    main: file,
    files: [file, ...LICENCES],
    engines,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    publishConfig: { access: 'public' },
  });
  return folder;
}

function write(folder, manifest) {
  for (const name of LICENCES) cpSync(join(ROOT, name), join(folder, name));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
