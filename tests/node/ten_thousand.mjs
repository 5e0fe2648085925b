// Ten thousand runs, in each way that there is; tells what the process holds before them, when it is warm, and after them.

import { readdirSync } from 'node:fs';
import v8 from 'node:v8';
import vm from 'node:vm';
import { Terminal } from '@vetty/terminal';

const WARM = 2000;
const RUNS = 10000;
const AT_ONCE = 8;

const terminal = new Terminal({ commands: { allow: ['cat', 'echo', 'true'] } });
const { signal } = new AbortController();
let listeners = 0;
for (const [name, change] of [['addEventListener', 1], ['removeEventListener', -1]]) {
  const method = signal[name];
  signal[name] = (...args) => {
    listeners += change;
    return method.apply(signal, args);
  };
}

const plain = () => terminal.execute('true', { signal });
const ways = [
  plain,
  plain,
  plain,
  plain,
  plain,
  () => terminal.execute('echo x', { signal, onStdout() {}, onExit() {} }),
  () => terminal.execute('cat', { signal, input: (async function* () { yield 'x'; })() }),
  async () => (await terminal.execute('true', { signal, background: true })).id && undefined,
  async () => {
    const child = await terminal.spawn('cat', { signal, input: 'pipe' });
    await child.write('x\n', { signal });
    for await (const line of child.lines()) if (line === 'x') break;
    await child.end();
    await child.wait();
  },
  async () => {
    const child = await terminal.spawn('echo x', { signal });
    await new Response(child.stdout).text();
  },
  () => terminal.execute('true', { signal: AbortSignal.abort() }).catch(() => {}),
  () => terminal.tryExecute('rm', { signal }),
];

function collectGarbage() {
  if (globalThis.Bun !== undefined) return globalThis.Bun.gc(true);
  v8.setFlagsFromString('--expose-gc');
  vm.runInNewContext('gc')();
}

/** What there is, once nothing runs and what finished runs held was given back. */
async function held() {
  while (terminal.getList().some(({ running }) => running)) await new Promise((resolve) => setTimeout(resolve, 10));
  for (let round = 0; round < 3; round += 1) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, rss } = process.memoryUsage();
  return {
    heapUsed,
    rss,
    descriptors: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
    resources: process.getActiveResourcesInfo?.().sort() ?? [],
    listeners,
    listenersOfTheProcess: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  };
}

let begun = 0;
async function runUntil(count) {
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (begun < count) {
        begun += 1;
        await ways[begun % ways.length]();
      }
    }),
  );
}

await runUntil(WARM);
const before = await held();
await runUntil(WARM + RUNS);
console.log(JSON.stringify({ before, after: await held() }));
