// As session_vetty.mjs. The build that brings its binaries: npm install --no-save @lydell/node-pty
import pty from '@lydell/node-pty';

export async function open(file, args, onData) {
  const child = pty.spawn(file, args, { encoding: null });
  const waiting = [];
  let turn = Promise.resolve();
  child.onData((data) => {
    const given = onData(data);
    if (given === undefined) return;
    // What a user has to do for back-pressure.
    child.pause();
    turn = turn.then(() => given).then(() => child.resume());
    waiting.push(turn);
  });
  return {
    exited: new Promise((resolve) => child.onExit(resolve)),
    write: (bytes) => child.write(bytes),
    end: () => child.kill('SIGKILL'),
  };
}
