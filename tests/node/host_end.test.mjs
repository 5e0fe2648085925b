// The host: what keeps it alive, what its end leaves behind.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { outputOf, untilDead, withHost } from './host.mjs';

const prelude = `
  import { Terminal } from PACKAGE;
  const terminal = new Terminal({ commands: { allow: ['echo *', 'sh', 'sleep *', 'true'], strictArgs: false } });
`;
const script = (program) => outputOf(prelude + program);

test('a script that ran one command ends, though the run is still listed', async () => {
  const out = await script(`
    await terminal.execute('true');
    const ended = process.hrtime.bigint();
    process.on('exit', () => console.log(terminal.getList().length));
  `);
  assert.equal(out, '1\n');
});

test('a pending execute keeps the host alive', async () => {
  assert.equal(await script(`terminal.execute('sh -c "sleep 0.3; echo late"').then(({ stdout }) => console.log(stdout));`), 'late\n\n');
});

test('a background run and a process keep the host alive until they end', async () => {
  const out = await script(`
    await terminal.execute('sleep 0.3', { background: true });
    const child = await terminal.spawn('sleep 0.3');
    process.on('exit', () => console.log(terminal.getList().map(({ running }) => running).join(), child.exitCode));
  `);
  assert.equal(out, 'false,false 0\n');
});

test('a process that was let go of does not', async () => {
  const out = await script(`
    const child = (await terminal.spawn('sleep 60')).unref();
    child.exited.then(() => console.log('never'));
    process.on('exit', () => console.log(child.pid, child.exitCode));
  `);
  const [pid, exitCode] = out.trim().split(' ');
  assert.equal(exitCode, 'null');
  await untilDead(Number(pid));
});

test('a background run that was let go of does not', async () => {
  const out = await script(`
    const { id, pid } = await terminal.execute('sleep 600', { background: true, timeout: 0, onExit: () => console.log('never') });
    terminal.getProcess(id).unref();
    process.on('exit', () => console.log(pid));
  `);
  await untilDead(Number(out));
});

for (const [what, begin] of Object.entries({
  'reads it': 'child[Symbol.asyncIterator]().next()',
  'reads its lines': 'child.lines().next()',
  'reads a stream of it': 'child.stdout.getReader().read()',
  'writes to it': 'child.write(new Uint8Array(1 << 20))',
  'waits for it': 'child.wait()',
  'listens to it': 'terminal.stream(child.id, () => {}, () => {})',
})) {
  test(`whoever ${what} holds no host for a process that was let go of`, async () => {
    const out = await script(`
      const child = (await terminal.spawn('sleep 600', { input: 'pipe', timeout: 0 })).unref();
      ${begin};
      process.on('exit', () => console.log(child.pid));
    `);
    await untilDead(Number(out));
  });
}

test('who waits for an end, or listens, gets all of it before the host ends', async () => {
  const out = await script(`
    const child = await terminal.spawn(['sh', '-c', 'sleep 0.2; head -c 1000000 /dev/zero; echo'], { encoding: 'buffer' });
    let heard = 0;
    terminal.stream(child.id, (data) => (heard += data.length), () => {});
    child.wait().then(({ bytes }) => console.log(bytes.stdout));
    process.on('exit', () => console.log(heard));
  `);
  assert.equal(out, '1000001\n1000001\n');
});

test('a session keeps the host alive until it ends, and nothing of it is collected before', async () => {
  const out = await script(`
    const { setFlagsFromString } = await import('node:v8');
    const { runInNewContext } = await import('node:vm');
    setFlagsFromString('--expose-gc');
    const collect = () => (globalThis.Bun ? Bun.gc(true) : runInNewContext('gc')());
    (await terminal.open(['sh', '-c', 'read x; echo got $x; sleep 0.2'])).exited.then(({ exitCode }) => console.log('exit', exitCode));
    const [{ id }] = terminal.getList();
    for (let i = 0; i < 5; i += 1) { collect(); await new Promise((resolve) => setTimeout(resolve, 10)); }
    await terminal.getSession(id).send('this\\n', { until: { output: 'got this' } });
    collect();
  `);
  assert.equal(out, 'exit 0\n');
});

test('a session that was let go of holds no host', async () => {
  const out = await script(`
    const session = (await terminal.open('sleep 60')).unref();
    session.wait({ exit: true }).then(() => console.log('never'));
    session[Symbol.asyncIterator]().next();
    process.on('exit', () => console.log(session.pid));
  `);
  await untilDead(Number(out));
});

test('ref holds on again', async () => {
  const out = await script(`
    const child = (await terminal.spawn('sleep 0.3')).unref().ref();
    process.on('exit', () => console.log(child.exitCode));
  `);
  assert.equal(out, '0\n');
});

const SCRIPT = `['sh', '-c', 'sleep 60 & echo $!; wait']`;
/** Each gives a child whose grandchild it has told of. */
const starts = {
  'a process': `
    const child = await terminal.spawn(${SCRIPT}, { encoding: 'utf8' });
    for await (const line of child.lines()) {
      console.log(child.pid, line);
      break;
    }`,
  'a session': `
    const child = await terminal.open(${SCRIPT});
    const { match } = await child.wait({ output: /([0-9]+)\\r\\n/ });
    console.log(child.pid, match.groups[0]);`,
};

for (const [what, start] of Object.entries(starts)) for (const [end, program] of [
  ['process.exit', 'process.exit(0)'],
  ['an uncaught exception', "setImmediate(() => { throw new Error('end'); })"],
]) {
  test(`${end} leaves no child and no grandchild of ${what}`, async () => {
    const leaving = `${start}\n${program};`;
    await withHost(prelude + leaving, async (host) => {
      const ended = once(host, 'exit');
      const [line] = await once(createInterface(host.stdout), 'line');
      const pids = line.split(' ').map(Number);
      await ended;
      assert.equal(pids.length, 2);
      for (const pid of pids) await untilDead(pid);
    });
  });
}

test('the event loop turns while a command runs', async () => {
  const { Terminal } = await import('@vetty/terminal');
  const terminal = new Terminal({ commands: { allow: ['sleep *'] } });
  const end = new AbortController();
  let turns = 0;
  const timer = setInterval(() => (turns += 1) === 20 && end.abort(), 5);
  await assert.rejects(terminal.execute('sleep 60', { signal: end.signal, timeout: 0 }), { name: 'AbortError' });
  clearInterval(timer);
});
