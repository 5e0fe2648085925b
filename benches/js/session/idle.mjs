// idle.mjs ADAPTER COUNT: terminals on which nothing happens.

import { readFileSync, readdirSync } from 'node:fs';
import { adapter, memory, numbers, processorTime, report } from '../measure.mjs';

const { open } = await adapter();
const [count] = numbers();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const threads = () => Number(readFileSync('/proc/self/status', 'utf8').match(/Threads:\s+(\d+)/)[1]);
const descriptors = () => readdirSync('/proc/self/fd').length;
const held = () => ({ memory: memory().now * 1024, threads: threads(), descriptors: descriptors() });

await (await open('/bin/true', [], () => {})).exited;
await pause(200);
const before = held();
const all = [];
for (let i = 0; i < count; i += 1) all.push(await open('/bin/sleep', ['600'], () => {}));
await pause(1000);
const after = held();
const begin = processorTime();
await pause(10_000);
const processor = (processorTime() - begin) * 1000;
all.forEach((one) => one.end());
await Promise.all(all.map(({ exited }) => exited));
const each = (key) => (after[key] - before[key]) / count;
report({ memory: each('memory'), threads: each('threads'), descriptors: each('descriptors'), processor });
