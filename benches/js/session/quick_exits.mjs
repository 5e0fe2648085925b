// quick_exits.mjs ADAPTER RUNS: programs that write and end at once, alone and 16 at a time; how many lost something.

import { adapter, numbers, report } from '../measure.mjs';

const { open } = await adapter();
const [runs] = numbers();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function block(ms) {
  const until = Date.now() + ms;
  while (Date.now() < until);
}

/** Whether a byte of so many was lost. */
async function loses(bytes, hear = () => {}) {
  let length = 0;
  const child = await open('/bin/sh', ['-c', `stty -opost; head -c ${bytes} /dev/zero`], (data) => {
    length += data.length;
    return hear();
  });
  await child.exited;
  // A terminal may give its last bytes after its exit.
  for (let tries = 0; length < bytes && tries < 20; tries += 1) await pause(5);
  return length < bytes;
}

let lossy = 0;
const count = async (...losing) => (lossy += (await Promise.all(losing)).filter(Boolean).length);
for (let i = 0; i < runs; i += 1) {
  await count(loses(20_480));
  if (i % 5 === 0) await count(loses(1_000_000));
  if (i % 16 === 0) await count(...Array.from({ length: 16 }, () => loses(20_480)));
  if (i % 25 === 0) {
    let first = true;
    await count(loses(20_480, () => (first ? ((first = false), block(400)) : undefined)));
    let wait = true;
    await count(loses(20_480, () => (wait ? ((wait = false), pause(1500)) : undefined)));
  }
}
report({ lossy });
