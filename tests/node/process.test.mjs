// A program on pipes: reading, writing, watching, ending.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AbortError, SpawnError, StateError, Terminal, TimeoutError } from '@vetty/terminal';

const here = dirname(fileURLToPath(import.meta.url));
const terminal = new Terminal({
  workspaces: [here],
  commands: { allow: ['cat', 'echo *', 'sh', 'sleep *', 'yes'], strictArgs: false },
});
const sh = (script) => ['sh', '-c', script];
const text = (bytes) => new TextDecoder().decode(bytes);
const all = async (iterable) => {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
};
/** The same of a child that reads its input to know that its first chunk has come. */
const allInSteps = async (child) => {
  const items = [];
  for await (const item of child) {
    if (items.push(item) === 1) await child.end();
  }
  return items;
};
const state = (code) => (error) => error instanceof StateError && error.code === code;

test('chunks come with their source, as bytes that belong to the receiver', async () => {
  const child = await terminal.spawn(sh('echo out; read x; echo err >&2'), { input: 'pipe' });
  const chunks = await allInSteps(child);
  assert.deepEqual(chunks.map(({ source, data }) => [source, text(data)]), [['stdout', 'out\n'], ['stderr', 'err\n']]);
  assert.equal(Object.getPrototypeOf(chunks[0].data), Uint8Array.prototype);
});

test('text is never cut inside a character', async () => {
  const script = "printf 'a\\342\\202'; read x; printf '\\254\\303'";
  const child = await terminal.spawn(sh(script), { encoding: 'utf8', input: 'pipe' });
  const chunks = await allInSteps(child);
  assert.deepEqual(chunks.map(({ data }) => data), ['a', '€', '\ufffd']);
});

test('facts of a process are there at once, those of its end later', async () => {
  const child = await terminal.spawn(['sh', '-c', 'read x; exit 7'], { input: 'pipe' });
  assert.match(child.id, /^term_[0-9a-f]{32}$/);
  assert.ok(child.pid > 0 && child.startedAt instanceof Date);
  assert.deepEqual([child.argv[0], child.exitCode, child.signalCode], ['sh', null, null]);
  await child.end();
  assert.deepEqual(await child.exited, { exitCode: 7, signal: null, coreDumped: false, lost: null });
  assert.deepEqual([child.exitCode, child.signalCode], [7, null]);
});

test('exited needs no reader', async () => {
  const child = await terminal.spawn('echo x');
  assert.equal((await child.exited).exitCode, 0);
  assert.deepEqual((await all(child)).map(({ data }) => text(data)), ['x\n']);
});

test('wait drains what nobody reads', async () => {
  const child = await terminal.spawn(sh('head -c 3000000 /dev/zero'), { maxBytes: 10 });
  const { stdout, bytes, exitCode, reason } = await child.wait();
  assert.deepEqual([stdout.length, bytes.stdout, exitCode, reason], [10, 3000000, 0, 'exited']);
});

test('break releases the reader and nothing else', async () => {
  const child = await terminal.spawn(['cat'], { input: 'pipe', encoding: 'utf8' });
  await child.write('one\n');
  for await (const { data } of child) {
    assert.equal(data, 'one\n');
    break;
  }
  assert.equal(child.exitCode, null);
  await child.write('two\n');
  await child.end();
  assert.equal((await all(child)).map(({ data }) => data).join(''), 'two\n');
});

test('lines that were read ahead are not lost by a break', async () => {
  const child = await terminal.spawn(sh('printf "1\\n2\\r\\n\\n4"'));
  for await (const line of child.lines()) {
    assert.equal(line, '1');
    break;
  }
  assert.deepEqual(await all(child.lines()), ['2', '', '4']);
});

test('lines of one stream, while the other cannot stop the program', async () => {
  const child = await terminal.spawn(sh('head -c 2000000 /dev/zero >&2; echo done'));
  assert.deepEqual(await all(child.lines({ from: 'stdout' })), ['done']);
  assert.equal((await child.wait()).bytes.stderr, 2000000);
});

test('a line without an end is split', async () => {
  const child = await terminal.spawn(sh('head -c 2500000 /dev/zero; echo'));
  const lengths = (await all(child.lines())).map((line) => line.length);
  assert.deepEqual(lengths, [1048576, 1048576, 402848]);
});

test('one reader at a time a stream', async () => {
  const child = await terminal.spawn('cat', { input: 'pipe' });
  const lines = child.lines();
  const first = lines.next();
  await assert.rejects(all(child), state('LOCKED'));
  assert.throws(() => child.stdout, state('LOCKED'));
  await child.write('x\n');
  assert.deepEqual(await first, { value: 'x', done: false });
  await lines.return();
  await child.end();
  assert.deepEqual(await all(child.lines()), []);
});

test('web streams are read side by side', async () => {
  const child = await terminal.spawn(sh('head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; echo end'));
  const length = async (stream) => (await all(stream)).reduce((sum, data) => sum + data.length, 0);
  assert.deepEqual(await Promise.all([length(child.stdout), length(child.stderr)]), [1000004, 1000000]);
});

test('all that both pipes held at the end comes to a reader', async () => {
  const child = await terminal.spawn(sh('head -c 1100000 /dev/zero & head -c 1100000 /dev/zero >&2; wait'));
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => stream.getReader());
  const lengths = [0, 0];
  const readAll = async (reader, index) => {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) lengths[index] += value.length;
  };
  // One piece each, so that the pipes grow; then nobody reads until the program has ended.
  for (const [index, reader] of [stdout, stderr].entries()) lengths[index] += (await reader.read()).value.length;
  if (lengths.every((length) => length >= 65536)) await child.exited;
  await Promise.all([readAll(stdout, 0), readAll(stderr, 1)]);
  assert.deepEqual(lengths, [1100000, 1100000]);
});

test('one stream after the other loses nothing that is kept', async () => {
  const child = await terminal.spawn(sh('echo err >&2; echo out'));
  const read = async (stream) => (await all(stream)).map(text).join('');
  assert.equal(await read(child.stdout), 'out\n');
  assert.equal(await read(child.stderr), 'err\n');
});

test('cancelling a stream closes its pipe', async () => {
  const child = await terminal.spawn('yes');
  const reader = child.stdout.getReader();
  assert.equal((await reader.read()).done, false);
  await reader.cancel();
  assert.equal((await child.exited).signal, 'SIGPIPE');
});

test('a slow reader slows the program', async () => {
  const child = await terminal.spawn(sh('head -c 8000000 /dev/zero; echo done >&2'), { stderr: 'ignore' });
  const reader = child.stdout.getReader();
  let length = 0;
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    length += value.length;
    if (length < 100000) assert.equal(child.exitCode, null, 'it cannot have written all of it');
  }
  assert.equal(length, 8000000);
});

test('stderr may be merged, in order, or ignored', async () => {
  const script = 'echo 1; echo 2 >&2; echo 3';
  const merged = await terminal.spawn(sh(script), { stderr: 'merge' });
  assert.deepEqual(await all(merged.lines()), ['1', '2', '3']);
  const ignored = await terminal.spawn(sh(script), { stderr: 'ignore', encoding: 'utf8' });
  const { stdout, stderr, bytes } = await ignored.wait();
  assert.deepEqual([stdout, stderr, bytes.stderr], ['1\n3\n', '', 0]);
});

test('input is written, piece by piece or as a stream', async () => {
  const child = await terminal.spawn('cat', { input: 'pipe', encoding: 'utf8' });
  const writer = child.stdin.getWriter();
  await writer.write('a');
  await writer.write(new Uint8Array([98]));
  await writer.close();
  assert.equal((await child.wait()).stdout, 'ab');
  const fed = await terminal.spawn('cat', { input: new Blob(['fed']).stream(), encoding: 'utf8' });
  assert.equal((await fed.wait()).stdout, 'fed');
  const once = await terminal.spawn('cat', { input: 'once', encoding: 'utf8' });
  assert.equal((await once.wait()).stdout, 'once');
});

test('what is written without waiting arrives in order, and the end behind it', async () => {
  const child = await terminal.spawn('cat', { input: 'pipe', encoding: 'utf8', maxBytes: 1 << 20 });
  const expected = Array.from({ length: 3000 }, (_, i) => `${i}\n`);
  const writes = expected.map((line) => child.write(line));
  const end = child.end();
  await assert.rejects(child.write('late'), state('CLOSED'));
  await Promise.all([...writes, end]);
  assert.equal((await child.wait()).stdout, expected.join(''));
});

test('input without a pipe, after the end, and of a wrong type is refused', async () => {
  const child = await terminal.spawn('echo x');
  await assert.rejects(child.write('x'), state('CLOSED'));
  assert.throws(() => child.stdin, state('CLOSED'));
  const piped = await terminal.spawn('cat', { input: 'pipe' });
  await assert.rejects(piped.write(7), { name: 'ConfigError', key: 'data' });
  await piped.end();
  await assert.rejects(piped.write('x'), state('CLOSED'));
});

test('a child that does not read holds a write up only as long as the caller wants', async () => {
  const child = await terminal.spawn('sleep 60', { input: 'pipe' });
  const much = new Uint8Array(4 << 20);
  await assert.rejects(child.write(much, { timeout: 100 }), state('TIMEOUT'));
  const signal = AbortSignal.timeout(100);
  await assert.rejects(child.write(much, { signal }), (error) => error instanceof AbortError && error.cause === signal.reason);
  await child.kill();
});

test('kill ends the tree and says how', async () => {
  const child = await terminal.spawn(sh('sleep 60 & echo $!; wait'));
  const [grandchild] = (await all((async function* () {
    for await (const line of child.lines()) {
      yield line;
      break;
    }
  })()));
  assert.equal((await child.kill()).signal, 'SIGTERM');
  // It may be a zombie until somebody reaps it.
  const status = await readFile(`/proc/${grandchild}/stat`, 'utf8').catch(() => 'gone');
  assert.match(status, /^gone$|\) [ZX] /);
  assert.equal((await child.wait()).reason, 'killed');
  assert.equal((await child.kill()).signal, 'SIGTERM');
});

test('a kill may choose its signal, and wrong ones are refused', async () => {
  const child = await terminal.spawn('sleep 60');
  assert.throws(() => child.signal('TERM'), { name: 'ConfigError', key: 'signal' });
  await assert.rejects(child.kill({ signal: 15 }), { name: 'ConfigError', key: 'options.signal' });
  await assert.rejects(child.kill({ grace: -1 }), { name: 'ConfigError', key: 'options.grace' });
  assert.equal((await child.kill({ signal: 'SIGINT', grace: 60000 })).signal, 'SIGINT');
  assert.equal(child.signalCode, 'SIGINT');
  assert.equal(child.signal('SIGINT'), false);
});

test('a signal goes to the program alone', async () => {
  const child = await terminal.spawn(sh("trap 'echo got; exit 3' USR1; echo ready; while :; do sleep 0.05; done"));
  const lines = child.lines();
  assert.equal((await lines.next()).value, 'ready');
  assert.equal(child.signal('SIGUSR1'), true);
  assert.equal((await lines.next()).value, 'got');
  assert.equal((await child.exited).exitCode, 3);
});

test('a timeout and a signal hold for processes as well', async () => {
  const late = await terminal.spawn('sleep 60', { timeout: 100 });
  await assert.rejects(late.wait(), (error) => error instanceof TimeoutError && error.result.reason === 'timeout');
  const controller = new AbortController();
  const child = await terminal.spawn('sleep 60', { signal: controller.signal });
  controller.abort('why');
  await assert.rejects(child.wait(), (error) => error instanceof AbortError && error.cause === 'why');
  await assert.rejects(terminal.spawn('sleep 60', { signal: AbortSignal.abort('early') }), { name: 'AbortError', cause: 'early' });
});

test('disposal ends it', async () => {
  const child = await terminal.spawn('sleep 60');
  await child[Symbol.asyncDispose]();
  assert.equal(child.signalCode, 'SIGTERM');
});

test('what cannot be started rejects', async () => {
  const { mkdtempSync, writeFileSync, rmSync } = await import('node:fs');
  const folder = mkdtempSync('/tmp/vetty-node-');
  try {
    writeFileSync(`${folder}/broken`, '#!/no/such/interpreter\n', { mode: 0o755 });
    const here = new Terminal({ workspaces: [folder], commands: { allow: ['./broken'] } });
    await assert.rejects(here.spawn('./broken'), SpawnError);
    assert.deepEqual(here.getList(), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
