// An adapter of terminals: `open` a program; its output is pushed to `onData`, `exited` comes after the last byte.
import { Terminal } from '@vetty/terminal';

const terminal = new Terminal({
  workspaces: ['/'],
  commands: { allow: [], strictArgs: false },
  output: { retain: { count: 0 } },
  sessions: { max: 1000 },
});

export async function open(file, args, onData) {
  const session = await terminal.open([file, ...args]);
  async function read() {
    for await (const data of session) await onData(data);
    return session.exited;
  }
  return { exited: read(), write: (bytes) => session.write(bytes), end: () => session.kill({ signal: 'SIGKILL' }) };
}
