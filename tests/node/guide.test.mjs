// The JavaScript of the guide and of the README files: each block runs, and prints what is said there.
//
// A block is ```js. Lines that begin with `# ` are run and not shown, as in the blocks in Rust. What a block prints stands
// behind each `console.log(...) // so`, or as a whole in a ```text that follows the block; `...` there is anything. A block
// is written into a file of the same number of lines, so that the place of a failure is its place in the guide.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PACKAGE, RUN } from './host.mjs';

const ROOT = new URL('../../', import.meta.url);
const chapters = readdirSync(new URL('docs/src', ROOT)).filter((name) => name.endsWith('.md'));
const documents = ['README.md', 'npm/terminal/README.md', ...chapters.map((name) => `docs/src/${name}`)];

/** One format on every runtime. The first line of a file, where no block can begin. */
const PRELUDE = `
  import { format as $format } from 'node:util';
  import $process from 'node:process';
  console.log = (...values) => void $process.stdout.write($format(...values) + '\\n');
`.replaceAll('\n', '');

/** `{ path, line, code, printed }` of each block; `printed` is `[{ line, text }]`, `text` what is said there. */
function blocksOf(path) {
  const lines = readFileSync(new URL(path, ROOT), 'utf8').split('\n');
  const endOf = (start) => lines.indexOf('```', start);
  const blocks = [];
  for (let at = lines.indexOf('```js'); at >= 0; at = lines.indexOf('```js', at)) {
    const end = endOf(at);
    const code = lines.slice(at + 1, end).map((line) => line.replace(/^# /, ''));
    const next = lines.findIndex((line, index) => index > end && line !== '');
    const output = lines[next] === '```text' ? numbered(lines, next + 1, endOf(next)) : undefined;
    blocks.push({ path, line: at + 2, code, printed: output ?? printedBeside(code, at + 2) });
    at = end;
  }
  return blocks;
}

function numbered(lines, start, end) {
  return lines.slice(start, end).map((text, index) => ({ line: start + index + 1, text }));
}

function printedBeside(code, first) {
  const prints = code.flatMap((text, index) => (text.includes('console.log(') ? [{ line: first + index, text }] : []));
  return prints.map(({ line, text }) => ({ line, text: text.match(/console\.log\(.*\);? *\/\/ (.*)$/)?.[1] }));
}

/** Whether a line is as it is said, with `...` for anything. */
function isAsSaid(said, line) {
  const parts = said.split('...').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(line);
}

/** Of a runtime that is too old for one of the words in a block. */
function lacks({ code }) {
  try {
    return code.some((line) => line.includes('await using')) && !new Function('return async () => { await using x = null; }');
  } catch {
    return 'this runtime has no `await using`';
  }
}

/** Where the blocks run: a repository with two files, and the programs beside it. */
let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'vetty-guide-'));
  mkdirSync(join(folder, 'project/src'), { recursive: true });
  writeFileSync(join(folder, 'project/notes.txt'), 'one\ntwo\nthree\n');
  writeFileSync(join(folder, 'project/src/main.js'), "console.log('Hello');\n");
  const git = (...args) => execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], { cwd: join(folder, 'project') });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '--message=Begin');
});
after(() => rmSync(folder, { recursive: true }));

/** Runs a block; `{ failure, lines }`. */
function ran({ path, line, code }) {
  const place = `${path}.${line}.mjs`;
  const file = join(folder, place);
  mkdirSync(dirname(file), { recursive: true });
  const entry = (name) => JSON.stringify(new URL(name === undefined ? PACKAGE : `${name}.js`, PACKAGE).href);
  const program = code.join('\n').replace(/'@vetty\/terminal(?:\/([\w-]+))?'/g, (_, name) => entry(name));
  writeFileSync(file, PRELUDE + '\n'.repeat(line - 1) + program);
  const options = { cwd: join(folder, 'project'), timeout: 60000 };
  return new Promise((resolve) => {
    execFile(process.execPath, [...RUN, file], options, (error, stdout, stderr) => {
      const failure = error === null ? undefined : `${stderr}${stdout}`.replaceAll(`file://${file}`, path).replaceAll(file, path);
      resolve({ failure, lines: stdout.split('\n').slice(0, -1) });
    });
  });
}

async function holds(block) {
  const { path, line, printed } = block;
  const { failure, lines } = await ran(block);
  if (failure !== undefined) assert.fail(`${path}:${line}: ${failure}`);
  for (const [index, said] of printed.entries()) {
    const seen = lines[index];
    assert.ok(said.text !== undefined, `${path}:${said.line}: what is printed is said neither here nor below the block`);
    assert.ok(seen !== undefined && isAsSaid(said.text, seen), `${path}:${said.line}: says ${said.text}, and it is ${seen ?? 'nothing'}`);
  }
  assert.deepEqual(lines.slice(printed.length), [], `${path}:${line}: prints more than is said`);
}

it('no block of JavaScript is called otherwise, and so left out', () => {
  for (const document of documents) {
    const fences = readFileSync(new URL(document, ROOT), 'utf8').match(/^ *```(?:js|javascript|mjs|cjs|jsx|ts|typescript)\b.*/gm) ?? [];
    assert.deepEqual(fences.filter((fence) => fence !== '```js'), [], document);
  }
});

describe('a block of JavaScript runs', { concurrency: 4 }, () => {
  for (const block of documents.flatMap(blocksOf)) {
    it(`${block.path}:${block.line}`, { skip: lacks(block) }, () => holds(block));
  }
});
