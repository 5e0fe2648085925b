// slow_reader.mjs ADAPTER SECONDS: `yes`, read at 8 MB a second.

import { adapter, memory, now, numbers, report } from '../measure.mjs';

const { open } = await adapter();
const [seconds] = numbers();
await (await open('/bin/true', [], () => {})).exited;
const before = memory().now;
const begin = now();
let taken = 0;
const yes = await open('/usr/bin/yes', [], async (data) => {
  taken += data.length;
  const ahead = taken / 8000 - (now() - begin);
  if (ahead > 1) await new Promise((resolve) => setTimeout(resolve, ahead));
});
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const { highest } = memory();
yes.end();
report({ growth: highest - before, taken: taken / 1e6 });
