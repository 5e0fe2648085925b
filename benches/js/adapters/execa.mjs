import { execa } from 'execa';

export const name = 'execa';

export const run = (file, args) => execa(file, args, { encoding: 'buffer', reject: false, maxBuffer: 2 ** 30 });

export async function* stream(file, args) {
  yield* execa(file, args, { encoding: 'buffer', buffer: false, stdin: 'ignore', stderr: 'inherit' }).stdout;
}
