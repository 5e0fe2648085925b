// echo.mjs ADAPTER COUNT: one byte to a program that gives it back.

import { adapter, median, now, numbers, processorTime, report } from '../measure.mjs';

const { open } = await adapter();
const [count] = numbers();
let heard = () => {};
const cat = await open('/bin/sh', ['-c', 'stty raw -echo; printf ready; exec cat'], () => heard());
await new Promise((resolve) => (heard = resolve));
await new Promise((resolve) => setTimeout(resolve, 200));

const byte = new Uint8Array([97]);
const trip = () =>
  new Promise((resolve) => {
    heard = resolve;
    cat.write(byte);
  });
for (let i = 0; i < 500; i += 1) await trip();
const times = [];
const before = processorTime();
for (let i = 0; i < count; i += 1) {
  const start = now();
  await trip();
  times.push(now() - start);
}
report({ time: median(times) * 1000, processor: ((processorTime() - before) / count) * 1e6 });
