// stream.mjs ADAPTER FILE BYTES: a file through a terminal in raw mode.

import { adapter, now, processorTime, report } from '../measure.mjs';

const { open } = await adapter();
const [, , , file, size] = process.argv;
const before = processorTime();
const begin = now();
let [bytes, pieces] = [0, 0];
const cat = await open('/bin/sh', ['-c', 'stty raw -echo; exec cat "$0"', file], (data) => {
  bytes += data.length;
  pieces += 1;
});
await cat.exited;
const seconds = (now() - begin) / 1000;
const rate = bytes / 1e6 / seconds;
report({ rate, processor: processorTime() - before, piece: bytes / pieces / 1024, lost: Number(size) - bytes });
