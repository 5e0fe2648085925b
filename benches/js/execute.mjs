// execute.mjs ADAPTER COUNT AT_ONCE BALLAST_MB: whole calls of a program that does nothing.

import { performance } from 'node:perf_hooks';
import { adapter, ballast, median, now, numbers, report } from './measure.mjs';

const { run } = await adapter();
const [count, atOnce, megabytes] = numbers();
const kept = ballast(megabytes);
for (let i = 0; i < 20; i += 1) await run('/bin/true', []);

const blocked = [];
const wall = [];
let left = count;
const begin = now();
const before = performance.eventLoopUtilization();
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    while (left-- > 0) {
      const start = now();
      const running = run('/bin/true', []);
      blocked.push(now() - start);
      const { exitCode } = await running;
      wall.push(now() - start);
      if (exitCode !== 0) throw new Error(`exit code ${exitCode}`);
    }
  }),
);
const { active } = performance.eventLoopUtilization(before);
const rate = (wall.length / (now() - begin)) * 1000;
report({ blocked: median(blocked), busy: active / wall.length, wall: median(wall), rate, kept: kept.length });
