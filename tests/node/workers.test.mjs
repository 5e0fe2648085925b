// Worker threads: several at once, and what the end of one leaves behind.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Terminal } from '@vetty/terminal';
import { lives, untilDead } from './host.mjs';

const prelude = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { Terminal } = require(workerData);
  const terminal = new Terminal({ commands: { allow: ['echo *', 'sh', 'sleep *'], strictArgs: false } });
`;
const workerOf = (program) =>
  new Worker(prelude + program, { eval: true, workerData: createRequire(import.meta.url).resolve('@vetty/terminal') });

test('workers side by side have their own terminals, and end by themselves', async () => {
  const program = `
    (async () => {
      const results = await Promise.all(Array.from({ length: 20 }, (_, i) => terminal.execute('echo ' + i)));
      const lines = [];
      for await (const line of (await terminal.spawn(['sh', '-c', 'echo one; echo two'])).lines()) lines.push(line);
      parentPort.postMessage([...results.map(({ stdout }) => Number(stdout)), ...lines, terminal.getList().length]);
    })();
  `;
  const expected = [...Array.from({ length: 20 }, (_, i) => i), 'one', 'two', 21];
  const workers = Array.from({ length: 6 }, () => workerOf(program));
  const seen = await Promise.all(
    workers.map(async (worker) => {
      const ended = once(worker, 'exit');
      const [message] = await once(worker, 'message');
      await ended;
      return message;
    }),
  );
  for (const message of seen) assert.deepEqual(message, expected);
});

const ends = {
  'is terminated': ['', (worker) => worker.terminate()],
  'calls process.exit': ["parentPort.once('message', () => process.exit());", (worker) => worker.postMessage('end')],
  'throws what nobody catches': [
    "parentPort.once('message', () => { throw new Error('end'); });",
    (worker) => {
      worker.on('error', () => {});
      worker.postMessage('end');
    },
  ],
};

for (const [how, [program, end]] of Object.entries(ends)) {
  test(`a worker that ${how} leaves no child, and the others their own`, async () => {
    const terminal = new Terminal({ commands: { allow: ['sleep *'] } });
    const mine = await terminal.spawn('sleep 60');
    const worker = workerOf(`
      ${program}
      terminal.spawn(['sh', '-c', 'sleep 60 & echo $!; wait']).then(async (child) => {
        for await (const line of child.lines()) {
          const session = await terminal.open(['sh', '-c', 'sleep 60 & echo $!; wait']);
          const { match } = await session.wait({ output: /([0-9]+)\\r\\n/ });
          session.wait({ exit: true }).catch(() => {});
          parentPort.postMessage([child.pid, Number(line), session.pid, Number(match.groups[0])]);
          for await (const data of session) data;
        }
      });
    `);
    const [pids] = await once(worker, 'message');
    assert.equal(pids.length, 4);
    for (const pid of pids) assert.ok(await lives(pid));
    await end(worker);
    for (const pid of pids) await untilDead(pid);
    assert.ok(await lives(mine.pid));
    await mine.kill();
  });
}

test('what a worker was in the midst of when it was terminated harms nobody', async () => {
  const busy = `
    const endless = () => terminal.execute('echo x', { onStdout() {} }).then(endless, endless);
    for (let i = 0; i < 8; i += 1) endless();
    terminal.spawn(['sh', '-c', 'while :; do echo line; done']).then(async (child) => {
      const session = await terminal.open(['sh', '-c', 'while :; do echo line; done']);
      const typing = () => session.write('x').then(typing, () => {});
      typing();
      (async () => { for await (const data of session.tap()); })();
      parentPort.postMessage('begun');
      await Promise.all([
        (async () => { for await (const line of child.lines()); })(),
        (async () => { for await (const data of session); })(),
      ]);
    });
  `;
  for (let round = 0; round < 5; round += 1) {
    const workers = [workerOf(busy), workerOf(busy)];
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  const terminal = new Terminal({ commands: { allow: ['echo *'] } });
  assert.equal((await terminal.execute('echo still here')).stdout, 'still here\n');
});
