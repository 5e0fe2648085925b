// open.mjs ADAPTER COUNT AT_ONCE BALLAST_MB: a program that does nothing, on a terminal, from open to exit.

import { adapter, ballast, median, now, numbers, report } from '../measure.mjs';

const { open } = await adapter();
const [count, atOnce, megabytes] = numbers();
const kept = ballast(megabytes);
for (let i = 0; i < 10; i += 1) await (await open('/bin/true', [], () => {})).exited;

const [blocked, wall] = [[], []];
let left = count;
const begin = now();
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    while (left-- > 0) {
      const start = now();
      const opening = open('/bin/true', [], () => {});
      blocked.push(now() - start);
      await (await opening).exited;
      wall.push(now() - start);
    }
  }),
);
const rate = (wall.length / (now() - begin)) * 1000;
report({ blocked: median(blocked), wall: median(wall), rate, kept: kept.length });
