// What a program is fed: at once, or from a stream.

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { once } from 'node:events';
import { test } from 'node:test';
import { Terminal } from '@vetty/terminal';

const terminal = new Terminal({ commands: { allow: ['cat', 'echo *', 'sh', 'sleep *', 'wc *'], strictArgs: false } });
const nothingRuns = () => assert.deepEqual(terminal.getList().filter(({ running }) => running), []);

test('input is fed as text and as bytes, and its end is seen', async () => {
  assert.equal((await terminal.execute('cat', { input: 'grüße\n' })).stdout, 'grüße\n');
  const { stdout } = await terminal.execute('cat', { input: new Uint8Array([0, 255, 10]), encoding: 'buffer' });
  assert.deepEqual(stdout, new Uint8Array([0, 255, 10]));
  assert.equal((await terminal.execute('cat')).stdout, '');
});

test('only the given part of a buffer is fed', async () => {
  const bytes = Buffer.from('abcdef').subarray(2, 4);
  assert.equal((await terminal.execute('cat', { input: bytes })).stdout, 'cd');
});

test('input may come from a stream or an async iterable', async () => {
  const pieces = async function* () {
    yield 'one ';
    yield new TextEncoder().encode('two');
  };
  assert.equal((await terminal.execute('cat', { input: pieces() })).stdout, 'one two');
  assert.equal((await terminal.execute('cat', { input: new Blob(['three']).stream() })).stdout, 'three');
});

test('an input that never comes holds nobody up who does not want it', async () => {
  let released = false;
  const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), return: async () => (released = true) }) };
  assert.equal((await terminal.execute('echo done', { input: silent })).stdout, 'done\n');
  assert.ok(released);
});

const failure = new Error('the source is gone');
const thrown = () => {
  throw failure;
};
const locked = () => {
  const stream = new Blob(['x']).stream();
  stream.getReader();
  return stream;
};
const broken = {
  'cannot be begun': () => ({ [Symbol.asyncIterator]: thrown }),
  'fails at once': () => ({ [Symbol.asyncIterator]: () => ({ next: thrown }) }),
  'fails later': async function* () {
    yield 'one';
    throw failure;
  },
  'is a stream that fails': () => new ReadableStream({ pull: (controller) => controller.error(failure) }),
  'is a stream that is locked': locked,
  'gives what is no input': async function* () {
    yield 7;
  },
  'gives nothing at all': () => ({ [Symbol.asyncIterator]: () => ({ next: () => undefined }) }),
  'fails and cannot be released': () => ({ [Symbol.asyncIterator]: () => ({ next: thrown, return: thrown }) }),
};

for (const [how, source] of Object.entries(broken)) {
  test(`an input that ${how} ends the run, and is what the call rejects with`, async () => {
    const { ok, error } = await terminal.tryExecute('cat', { input: source() });
    assert.ok(!ok && error instanceof Error);
    if (!/locked|no input|nothing/.test(how)) assert.equal(error, failure);
    if (/no input/.test(how)) assert.deepEqual([error.name, error.key], ['ConfigError', 'options.input']);
    nothingRuns();
  });

  test(`an input that ${how} ends a process, and is told of by a warning`, async () => {
    const warned = once(process, 'warning');
    const child = await terminal.spawn('cat', { input: source() });
    assert.match((await warned)[0].message, /^The input of a process /);
    assert.equal((await child.wait()).reason, 'killed');
  });
}

test('what a program got of an input that fails is not taken for the whole', async () => {
  const warned = once(process, 'warning');
  const child = await terminal.spawn(['sh', '-c', 'cat; echo whole'], { input: broken['fails later']() });
  assert.equal((await child.wait()).reason, 'killed');
  assert.doesNotMatch(terminal.getOutput(child.id).stdout, /whole/);
  await warned;
});

test('an input that cannot be released does not hide the result', async () => {
  const source = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), return: thrown }) };
  assert.equal((await terminal.execute('echo done', { input: source })).stdout, 'done\n');
});

test('an input that is not wanted any more is released, and no more of it is asked for', async () => {
  let given = 0;
  let released = false;
  const endless = async function* () {
    try {
      for (;;) yield (given += 1, 'x'.repeat(1 << 16));
    } finally {
      released = true;
    }
  };
  const { stdout } = await terminal.execute(['sh', '-c', 'head -c 3'], { input: endless() });
  assert.equal(stdout, 'xxx');
  while (!released) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(given < 100, String(given));
});

test('what is refused or aborted before its start touches no input', async () => {
  const stream = new Blob(['x']).stream();
  assert.throws(() => terminal.execute('rm', { input: stream }), { name: 'PolicyError' });
  await assert.rejects(terminal.execute('cat', { input: stream, signal: AbortSignal.abort() }), { name: 'AbortError' });
  assert.equal(stream.locked, false);
  assert.equal((await terminal.execute('cat', { input: stream })).stdout, 'x');
});

test('a stream of the host is an input', async () => {
  assert.equal((await terminal.execute('cat', { input: Readable.from(['a', Buffer.from('b')]) })).stdout, 'ab');
});

test('odd bytes are fed as they are', async () => {
  const fed = async (input) => (await terminal.execute('cat', { input, encoding: 'latin1' })).stdout;
  const gone = new Uint8Array(4);
  structuredClone(gone, { transfer: [gone.buffer] });
  assert.deepEqual([await fed(new Uint8Array(0)), await fed(''), await fed(gone)], ['', '', '']);
  assert.equal(await fed(new Uint8Array(new SharedArrayBuffer(2)).fill(65)), 'AA');
  assert.equal(await fed(new Uint8Array([0, 1, 2, 3]).subarray(1, 3)), '\x01\x02');
});

test('bytes that are changed after the call are fed as they were', async () => {
  const bytes = new TextEncoder().encode('before');
  const running = terminal.execute('cat', { input: bytes });
  bytes.fill(65);
  assert.equal((await running).stdout, 'before');
});

test('more than the pipe holds is fed', async () => {
  const input = new Uint8Array(16 << 20);
  assert.equal((await terminal.execute('wc -c', { input })).stdout.trim(), String(input.length));
  // Whoever reads nothing of it is not waited for.
  assert.equal((await terminal.execute('echo done', { input })).stdout, 'done\n');
});
