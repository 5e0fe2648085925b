import { execFile, spawn } from 'node:child_process';

export const name = 'child_process';

export const run = (file, args) =>
  new Promise((resolve) => {
    execFile(file, args, { encoding: 'buffer', maxBuffer: 2 ** 30 }, (error, stdout) => {
      resolve({ exitCode: error ? error.code : 0, stdout });
    });
  });

export async function* stream(file, args) {
  yield* spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] }).stdout;
}
