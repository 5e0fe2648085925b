// Programs in the background: started, listed, looked at, killed.
//
// `node examples/background.mjs` in a checkout after `npm install`. In Rust: background.rs

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Terminal } from '@vetty/terminal';

const workspace = mkdtempSync(join(tmpdir(), 'background-'));
// A program that does not end when it is asked to.
writeFileSync(join(workspace, 'server.sh'), "trap 'echo not yet' TERM\necho ready\nwhile :; do sleep 0.1; done\n");
const terminal = new Terminal({ workspaces: [workspace], commands: { allow: ['sh server.sh', 'sleep *'] } });

// No limit of time: it runs until it is killed, or until this program ends.
const started = await terminal.execute('sh server.sh', { background: true, timeout: 0 });
const server = terminal.getProcess(started.id);
const sleeper = terminal.getProcess((await terminal.execute('sleep 60', { background: true })).id);
while (terminal.getOutput(started.id).stdout === '') await sleep(10);
console.log(`the server says ${JSON.stringify(terminal.getOutput(started.id).stdout)}`);
for (const { id, command, args, pid, running } of terminal.getList()) {
  console.log(`${id} ${JSON.stringify([command, ...args])} process ${pid} running ${running}`);
}

// The policy's signal is SIGTERM. It is heard, and ignored; half a second later comes SIGKILL.
await server.kill({ signal: 'SIGTERM', grace: 500 });
const { reason, signal, stdout } = await server.wait();
console.log(`the server: ${reason} (${signal}), it said ${JSON.stringify(stdout)}`);

// Ends what is left, waits until it has, and refuses what comes.
await terminal.close();
console.log(`the sleeper: ${(await sleeper.wait()).reason} (${sleeper.signalCode})`);
rmSync(workspace, { recursive: true });
