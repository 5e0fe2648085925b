// Runs each of the given test files in a worker thread of its own. What fails is told by the exit status.

import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

// One after the other: some count what the whole process holds.
for (const file of process.argv.slice(2)) {
  const worker = new Worker(pathToFileURL(file));
  worker.once('error', (error) => console.error(error));
  const code = await new Promise((resolve) => worker.once('exit', resolve));
  if (code !== 0) {
    console.error(`${file} ended with ${code}`);
    process.exitCode = 1;
  }
}
