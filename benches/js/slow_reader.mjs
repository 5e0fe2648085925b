// slow_reader.mjs ADAPTER MEGABYTES: how far memory grows while a reader takes its time.

import { adapter, memory, numbers, report } from './measure.mjs';

const { run, stream } = await adapter();
const [megabytes] = numbers();
for (let i = 0; i < 20; i += 1) await run('/bin/true', []);

const before = memory().now;
let highest = before;
let total = 0;
for await (const chunk of stream('head', ['-c', String(megabytes * 1e6), '/dev/zero'])) {
  total += chunk.length;
  await new Promise((resolve) => setTimeout(resolve, 1));
  highest = Math.max(highest, memory().now);
}
if (total !== megabytes * 1e6) throw new Error(`${total} bytes`);
report({ growth: highest - before });
