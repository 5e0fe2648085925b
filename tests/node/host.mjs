// A host: a program of its own in the runtime that runs these tests. From a file, which is the same everywhere.

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** What Deno has to be told: an addon needs its permissions. */
export const RUN = process.versions.deno === undefined ? [] : ['run', '--quiet', '--allow-all'];

const manifest = createRequire(import.meta.url).resolve('@vetty/terminal/package.json');
/** For programs in another folder than this one. */
export const PACKAGE = new URL('index.js', pathToFileURL(manifest)).href;

/** Runs `use` with the arguments that let the runtime run `program`, in which `PACKAGE` stands for the package. */
async function withProgram(program, use) {
  const folder = mkdtempSync(join(tmpdir(), 'vetty-host-'));
  try {
    const file = join(folder, 'program.mjs');
    writeFileSync(file, program.replaceAll('PACKAGE', JSON.stringify(PACKAGE)));
    return await use([...RUN, file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What `program` wrote, after its end. */
export function outputOf(program) {
  return withProgram(program, output);
}

/** The same of a program that lies beside this file. */
export function outputOfFile(name, ...args) {
  return output([...RUN, fileURLToPath(new URL(name, import.meta.url)), ...args]);
}

async function output(args) {
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60000 });
  return stdout;
}

/** Runs `use` with the started program, a `ChildProcess` whose standard input and output are pipes. */
export function withHost(program, use) {
  return withProgram(program, (args) => use(spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] })));
}

/** Whether a process is there and no zombie. */
export async function lives(pid) {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status !== '' && !/\) [ZX] /.test(status);
}

export async function untilDead(pid) {
  while (await lives(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}
