// An adapter: its name, `run` a program to its end, `stream` a program's output, chunk by chunk.
import { Terminal } from '@vetty/terminal';

const terminal = new Terminal({
  workspaces: ['/'],
  commands: { allow: [], strictArgs: false },
  timeout: 0,
  output: { maxBytes: 2 ** 30, retain: { count: 0 } },
});

export const name = 'vetty';

export const run = (file, args) => terminal.execute([file, ...args], { encoding: 'buffer' });

export async function* stream(file, args) {
  for await (const { data } of await terminal.spawn([file, ...args])) yield data;
}
