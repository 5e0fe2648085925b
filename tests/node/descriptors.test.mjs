// What finished runs hold.

import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { Terminal } from '@vetty/terminal';

const terminal = new Terminal({ commands: { allow: ['echo *'] }, output: { retain: { time: 600000 } } });

/** Descriptors of processes and pipes; others come and go with the host's own threads. */
function held() {
  const targets = readdirSync('/proc/self/fd').map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      return '';
    }
  });
  return targets.filter((target) => /pidfd|^pipe:/.test(target)).length;
}

const ways = {
  execute: () => terminal.execute('echo x'),
  'execute with a callback': () => terminal.execute('echo x', { onStdout() {} }),
  'execute in the background': async () => {
    const { id } = await terminal.execute('echo x', { background: true });
    await terminal.getProcess(id).exited;
  },
  'spawn and wait': async () => (await terminal.spawn('echo x', { input: 'pipe' })).wait(),
};

for (const [way, run] of Object.entries(ways)) {
  test(`a finished run holds no descriptor while it is listed: ${way}`, { skip: process.platform !== 'linux' }, async () => {
    await run();
    const before = held();
    for (let i = 0; i < 60; i += 1) await run();
    assert.ok(terminal.getList().length >= 61);
    for (let look = 0; look < 100 && held() - before >= 10; look += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const after = held();
    // The last ones may be about to be closed.
    assert.ok(after - before < 10, `${before} before, ${after} after`);
  });
}
