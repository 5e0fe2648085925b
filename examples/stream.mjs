// A program on pipes: its output as a stream while it runs, its input written from here.
//
// `node examples/stream.mjs` in a checkout after `npm install`. In Rust: stream.rs

import { Terminal } from '@vetty/terminal';

const terminal = new Terminal({ commands: { allow: ['cat', 'ls *'] } });

const cat = await terminal.spawn('cat', { input: 'pipe', encoding: 'utf8' });
async function write() {
  for (const line of ['one\n', 'two\n', 'three\n']) await cat.write(line);
  // The end of input, and `cat` exits.
  await cat.end();
}
const written = write();
for await (const { source, data } of cat) console.log(`${source}: ${JSON.stringify(data)}`);
await written;
const { exitCode, bytes } = await cat.wait();
console.log(`exit code ${exitCode} after ${bytes.stdout} bytes`);

// Both streams of one program, told apart. An exit code other than 0 is no error.
const ls = await terminal.spawn('ls . no-such-file');
async function print(name, from) {
  for await (const line of ls.lines({ from })) console.log(`${name} | ${line}`);
}
await Promise.all([print('out', 'stdout'), print('err', 'stderr')]);
console.log(`exit code ${(await ls.wait()).exitCode}`);
