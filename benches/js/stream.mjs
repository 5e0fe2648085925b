// stream.mjs ADAPTER MEGABYTES head|cat-of-a-file: a program's output, counted.

import { adapter, now, processorTime, report } from './measure.mjs';

const { run, stream } = await adapter();
const [, , , megabytes, file] = process.argv;
const bytes = Number(megabytes) * 1e6;
await run('/bin/true', []);

const [begin, used] = [now(), processorTime()];
let total = 0;
for await (const chunk of file === undefined ? stream('head', ['-c', String(bytes), '/dev/zero']) : stream('cat', [file])) {
  total += chunk.length;
}
if (total !== bytes) throw new Error(`${total} of ${bytes} bytes`);
report({ rate: bytes / 1000 / (now() - begin), processor: processorTime() - used });
