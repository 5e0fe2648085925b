// As session_vetty.mjs. npm install --no-save @replit/ruspty
import { Pty } from '@replit/ruspty';

export async function open(file, args, onData) {
  let exit;
  const exited = new Promise((resolve) => (exit = resolve));
  const child = new Pty({
    command: file,
    args,
    envs: process.env,
    size: { cols: 80, rows: 24 },
    onExit: (_, exitCode) => exit({ exitCode }),
  });
  const ended = new Promise((resolve) => child.read.on('end', resolve));
  child.read.on('data', (data) => {
    const given = onData(data);
    if (given === undefined) return;
    child.read.pause();
    given.then(() => child.read.resume());
  });
  return {
    exited: Promise.all([exited, ended]).then(([how]) => how),
    write: (bytes) => child.write.write(bytes),
    end: () => process.kill(child.pid, 'SIGKILL'),
  };
}
