// Pictures of a session's screen: SVG, HTML and PNG.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { ConfigError, StateError, Terminal } from '@vetty/terminal';

const terminal = new Terminal({ workspaces: ['/'], commands: { allow: [], strictArgs: false } });

async function screenOf(output, options) {
  const session = await terminal.open(['printf', '%b', output], options);
  await session.exited;
  return session.screen;
}

/** Width, height and a function for the colour of a pixel. */
function read(png) {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  assert.equal(bytes.toString('latin1', 1, 4), 'PNG');
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const size = bytes.readUInt32BE(33);
  assert.equal(bytes.toString('latin1', 37, 41), 'IDAT');
  const rows = inflateSync(bytes.subarray(41, 41 + size));
  const stride = width * 3 + 1;
  // Each row is stored as its difference to the one above.
  for (let at = 0; at < rows.length; at += 1) {
    if (at % stride === 0) assert.equal(rows[at], 2);
    else if (at >= stride) rows[at] += rows[at - stride];
  }
  return { width, height, pixel: (x, y) => [...rows.subarray(y * stride + 1 + x * 3, y * stride + 4 + x * 3)] };
}

test('a screen is drawn', async () => {
  const screen = await screenOf('\\033[41m \\033[m \\033[38;5;2m\\342\\226\\210\\033[m', { cols: 20, rows: 4 });
  const { width, height, pixel } = read(await screen.png());
  assert.deepEqual([width, height], [220, 100]);
  assert.deepEqual([pixel(15, 15), pixel(35, 15), pixel(25, 15)], [[0xcd, 0, 0], [0, 0xcd, 0], [0, 0, 0]]);
  assert.equal(read(await screen.png({ scale: 2 })).width, 440);
  const nord = read(await screen.png({ theme: 'nord', cursor: false }));
  assert.deepEqual(nord.pixel(1, 1), [0x2e, 0x34, 0x40]);
});

test('several pictures at once are the same', async () => {
  const screen = await screenOf('text', { cols: 30, rows: 3 });
  const [first, ...others] = await Promise.all(Array.from({ length: 8 }, () => screen.png()));
  for (const other of others) assert.deepEqual(other, first);
});

test('what a program writes is no markup', async () => {
  const screen = await screenOf('<b>"&\\033]8;;javascript:alert(1)\\007click\\033]8;;\\007 \\033]8;;https://a.b\\007go\\033]8;;\\007');
  for (const source of [screen.svg(), screen.html()]) {
    assert.ok(source.includes('&lt;b&gt;&quot;&amp;') && source.includes('href="https://a.b"'), source);
    assert.ok(!source.includes('javascript') && !source.includes('<b>'), source);
  }
});

test('a theme of one\'s own', async () => {
  const screen = await screenOf('\\033[31mred');
  const theme = { foreground: '#010101', background: '#fefefe', palette: Array(16).fill('#abcdef') };
  assert.match(screen.svg({ theme }), /fill="#abcdef"/);
  assert.match(screen.html({ theme }), /background:#fefefe/);
});

test('options that cannot be are told', async () => {
  const screen = await screenOf('x');
  assert.throws(() => screen.svg({ theme: 'pink' }), (error) => error instanceof ConfigError && /options.theme: expected 'dark', .* got "pink"/.test(error.message));
  assert.throws(() => screen.html({ theme: { foreground: 'red"', background: '#000000', palette: [] } }), ConfigError);
  assert.throws(() => screen.html({ colour: true }), ConfigError);
  await assert.rejects(screen.png({ scale: 100 }), ConfigError);
  const large = await screenOf('x', { cols: 1000, rows: 1000 });
  await assert.rejects(large.png(), (error) => error instanceof StateError && /10020 x 20020 pixels/.test(error.message));
});
