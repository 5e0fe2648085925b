// The runtimes that the package is for: where each one is, and how it is told to run a file or a folder of tests.

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** A file of a package that is installed beside this file. */
export const installed = (name, file) => join(dirname(require.resolve(`${name}/package.json`)), file);

/** The binary itself: what carries its name in `deno` and `bun` starts it, and would stand between us and its signals. */
function binaryOf(name, file, candidates) {
  const near = createRequire(installed(name, 'package.json'));
  for (const candidate of candidates) {
    try {
      return join(dirname(near.resolve(`${candidate}/package.json`)), file);
    } catch {
      // Of another platform.
    }
  }
  throw new Error(`no binary of ${name} is installed for ${process.platform}-${process.arch}`);
}

const node = (program) => ({
  program,
  isNode: true,
  run: (file) => [file],
  test: (files) => ['--test', ...files],
});

const deno = () => ({
  program: binaryOf('deno', 'deno', ['@deno/linux-x64-glibc', '@deno/linux-arm64-glibc']),
  run: (file) => ['run', '--quiet', '--allow-all', file],
  // Types are checked apart.
  test: (files) => ['test', '--quiet', '--allow-all', '--no-check', ...files],
});

const bun = () => ({
  program: binaryOf('bun', 'bin/bun', ['@oven/bun-linux-x64', '@oven/bun-linux-aarch64']),
  run: (file) => ['run', file],
  // Without the dot it would be a pattern. Five seconds a test are the default.
  test: (files) => ['test', '--timeout=60000', ...files.map((file) => `./${file}`)],
});

/** By what they are called in the names of tests; `process.execPath` runs the whole of it. */
export const RUNTIMES = {
  'the oldest Node': () => node(installed('node-oldest', 'bin/node')),
  'this Node': () => node(process.execPath),
  'the newest Node': () => node(installed('node-newest', 'bin/node')),
  Deno: deno,
  Bun: bun,
};

/** Runs a program to its end; `{ code, output }`, with all that it wrote to either stream. */
export function ran(program, args, { cwd = ROOT, env = {} } = {}) {
  const options = { cwd, env: { ...environment(), ...env }, maxBuffer: 64 << 20, timeout: 300000 };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), output: stdout + stderr, stdout });
    });
  });
}

/** Without what the test runner above tells its own children. */
function environment() {
  const { NODE_TEST_CONTEXT, NODE_OPTIONS, ...rest } = process.env;
  return { ...rest, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' };
}
