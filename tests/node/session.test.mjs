// A program on a terminal: driven, read, resized, ended.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { Terminal, WaitError } from '@vetty/terminal';

const PROGRAMS = ['bash *', 'cat', 'sh -c *', 'sleep *', 'stty *'];
const terminal = new Terminal({ commands: { allow: PROGRAMS, strictArgs: false }, sessions: { max: 200, waitTimeout: 10_000 } });
const shell = () => terminal.open('bash --norc --noprofile', { encoding: 'utf8', env: { PS1: '> ' } });
const sh = (script, options) => terminal.open(['sh', '-c', script], { encoding: 'utf8', ...options });

async function all(session) {
  let output = '';
  for await (const data of session) output += data;
  return output;
}

test('a shell is driven by what is typed and what comes', async () => {
  const session = await shell();
  const { match } = await session.send('echo $((6 * 7))\n', { until: { output: /^(\d+)$/m } });
  assert.deepEqual(match, { text: '42', groups: ['42'], at: null });
  await session.send('exit 3', { enter: true });
  const { exit, condition } = await session.wait({ exit: true });
  assert.deepEqual([exit.exitCode, condition, session.exitCode], [3, { exit: true }, 3]);
  assert.deepEqual(await session.exited, exit);
});

test('all that a program writes is read, and then its end is seen', async () => {
  const session = await sh('stty -opost; i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); done');
  const lines = (await all(session)).split('\n');
  assert.equal(lines.length, 201);
  assert.equal(lines[199], 'line 199');
  assert.equal(session.lost, 0);
});

test('quick ends lose nothing', async () => {
  const run = async (bytes) => {
    const session = await sh(`stty -opost; head -c ${bytes} /dev/zero`, { encoding: 'buffer' });
    let length = 0;
    for await (const data of session) length += data.length;
    assert.equal(length, bytes);
  };
  for (const bytes of [3, 20_480, 1_000_000]) await run(bytes);
  await Promise.all(Array.from({ length: 16 }, () => run(20_480)));
});

test('a reader that comes late, and one that goes on, lose nothing', async () => {
  // More than is kept for a reader, so that the first one cannot have all.
  const bytes = 3_000_000;
  const session = await sh(`stty -opost -echo; head -c ${bytes} /dev/zero; read x; echo done`, { screen: false });
  await new Promise((resolve) => setTimeout(resolve, 100));
  let length = 0;
  for await (const data of session) {
    length += data.length;
    if (length >= 100_000) break;
  }
  assert.ok(length < bytes);
  for await (const data of session) {
    length += data.length;
    if (length >= bytes) break;
  }
  assert.equal(length, bytes);
  await session.send('\n');
  assert.equal(await all(session), 'done\n');
});

test('there is one reader at a time', async () => {
  const session = await sh('echo one; sleep 60');
  const first = session[Symbol.asyncIterator]();
  assert.match((await first.next()).value, /^one/);
  await assert.rejects(session[Symbol.asyncIterator]().next(), { name: 'StateError', code: 'LOCKED' });
  assert.throws(() => session.readable, { code: 'LOCKED' });
  const pending = first.next();
  first.return();
  await session.close();
  await pending;
  assert.equal(await all(session), '');
});

test('web streams carry both directions', async () => {
  const session = await terminal.open('cat');
  const writer = session.writable.getWriter();
  await writer.write('grüße\n');
  const reader = session.readable.getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (!/grüße\r\ngrüße\r\n/.test(text)) text += decoder.decode((await reader.read()).value, { stream: true });
  await reader.cancel();
  await session.close();
});

test('a character is never split', async () => {
  const session = await sh(`stty -opost; for i in 1 2 3; do printf '\\303'; sleep 0.05; printf '\\244'; done`);
  for await (const data of session) assert.doesNotMatch(data, /\ufffd/);
});

test('a wait tells why it cannot come true', async () => {
  const session = await sh('echo here; stty -echo; read secret; exit 4');
  await session.wait({ output: 'here' });
  while ((await session.foreground()).echo) await new Promise((resolve) => setTimeout(resolve, 5));
  const late = await session.wait({ output: 'never' }, { timeout: 50 }).catch((error) => error);
  assert.ok(late instanceof WaitError);
  assert.deepEqual([late.code, late.condition, late.foreground.state], ['TIMEOUT', { output: 'never' }, 'password']);
  assert.ok(late.idleMs >= 0);
  const waiting = session.wait({ output: 'never' });
  await session.send('\n');
  await assert.rejects(waiting, { name: 'WaitError', code: 'SESSION_ENDED' });
  await assert.rejects(session.write('x'), { name: 'StateError', code: 'CLOSED' });
});

test('any and all say which part came true', async () => {
  const session = await sh('printf "one two"; sleep 60');
  const parts = [{ output: 'three' }, { output: new TextEncoder().encode('two') }];
  assert.equal((await session.wait({ any: parts })).condition, parts[1]);
  assert.equal((await session.wait({ settled: 50 })).match, null);
  await assert.rejects(session.wait({ all: [{ settled: 1 }, { exit: true }] }, { timeout: 30 }), { code: 'TIMEOUT' });
  await session.kill();
});

test('what is no condition is refused by name', async () => {
  const session = await terminal.open('cat');
  const wrong = {
    condition: [undefined, {}, 'text', []],
    'condition.words': [{ words: 'x' }],
    'condition.output': [{ output: 7 }, { output: /x/g }, { output: /(?<=a)b/ }, { output: /(a)\1/ }],
    'condition.settled': [{ settled: -1 }, { settled: '1' }],
    'condition.exit': [{ exit: false }],
    'condition.any': [{ any: [] }],
    'condition.any[1].nothing': [{ any: [{ exit: true }, { nothing: 1 }] }],
  };
  for (const [key, conditions] of Object.entries(wrong)) {
    for (const condition of conditions) {
      await assert.rejects(session.wait(condition), { name: 'ConfigError', key });
    }
  }
  const cycle = { any: [] };
  cycle.any.push(cycle);
  await assert.rejects(session.wait(cycle), { name: 'ConfigError' });
  await session.kill();
});

test('a wait is ended by its signal, and nothing else is', async () => {
  const session = await terminal.open('cat');
  const controller = new AbortController();
  const waiting = session.wait({ output: 'never' }, { signal: controller.signal });
  controller.abort(new Error('enough'));
  const error = await waiting.catch((error) => error);
  assert.deepEqual([error.name, error.cause.message], ['AbortError', 'enough']);
  await session.send('on\n', { until: { output: 'on\r\non\r\n' } });
  await session.kill();
});

test('a session is ended by its signal', async () => {
  const controller = new AbortController();
  const session = await terminal.open('cat', { signal: controller.signal });
  controller.abort();
  assert.equal((await session.exited).signal, 'SIGTERM');
  await assert.rejects(terminal.open('cat', { signal: controller.signal }), { name: 'AbortError' });
});

test('the size is what was asked for, and a new one is told', async () => {
  const session = await sh('trap "stty size; exit" WINCH; stty size; while :; do sleep 0.02; done', { cols: 111, rows: 22 });
  await session.wait({ output: '22 111' });
  await session.resize({ cols: 50, rows: 10, width: 500, height: 200 });
  assert.deepEqual(session.size, { cols: 50, rows: 10 });
  await session.wait({ output: '10 50' });
  await assert.rejects(session.resize({ cols: 0, rows: 10 }), { name: 'ConfigError', key: 'size.cols' });
  await assert.rejects(session.resize({ cols: 10 }), { name: 'ConfigError', key: 'size.rows' });
  await assert.rejects(terminal.open('cat', { rows: 1001 }), { name: 'ConfigError', key: 'options.rows' });
});

test('a paste is bracketed where the program asked, and cannot end itself', async () => {
  const session = await sh(`printf '\\033[?2004h'; stty raw -echo; printf ready; head -c 15 | od -An -c; sleep 60`);
  await session.wait({ output: 'ready' });
  await session.paste('a\x1b[201~b\n');
  await session.wait({ output: /033\s+\[\s+2\s+0\s+0\s+~\s+a\s+b\s+\\r\s+033\s+\[\s+2\s+0\s+1/ });
  await session.kill();
});

test('a program that never reads stops nobody', async () => {
  const session = await sh('stty raw; sleep 60');
  await session.wait({ settled: 50 });
  const controller = new AbortController();
  const big = session.write(new Uint8Array(1 << 20), { signal: controller.signal });
  await assert.rejects(session.write('late', { timeout: 50 }), { code: 'TIMEOUT' });
  await assert.rejects(session.write(new Uint8Array(8 << 20)), { name: 'StateError', code: 'INPUT_FULL' });
  controller.abort();
  await assert.rejects(big, { name: 'AbortError' });
  await session.kill();
});

test('signals, ends and the list know it', async () => {
  const session = await terminal.open('sleep 60');
  const listed = terminal.getList().find(({ id }) => id === session.id);
  assert.deepEqual([listed.kind, listed.command, listed.running], ['session', 'sleep', true]);
  assert.equal(terminal.getSession(session.id), session);
  assert.equal(terminal.getSession('nobody'), undefined);
  assert.equal(session.signal('SIGINT'), true);
  assert.deepEqual((({ exitCode, signal }) => [exitCode, signal])(await session.exited), [null, 'SIGINT']);
  assert.equal(session.signal('SIGINT'), false);
  assert.equal(terminal.getSession(session.id), undefined);
});

test('closing hangs up, and disposing closes', async () => {
  const session = await sh('trap "echo hup; exit 7" HUP; echo ready; while :; do sleep 0.02; done');
  await session.wait({ output: 'ready' });
  assert.equal((await session.close()).exitCode, 7);
  const other = await terminal.open('cat');
  await other[Symbol.asyncDispose]();
  assert.equal(other.signalCode, 'SIGHUP');
});

test('what the policy refuses is not opened', async () => {
  await assert.rejects(terminal.open('python3'), { name: 'PolicyError', code: 'COMMAND_NOT_ALLOWED' });
  await assert.rejects(terminal.open('cat', { size: 1 }), { name: 'ConfigError', key: 'options.size' });
  await assert.rejects(terminal.open('cat', { cols: '80' }), { name: 'ConfigError', key: 'options.cols' });
});

test('no more are open than the policy allows', async () => {
  const small = new Terminal({ commands: { allow: ['cat'] }, sessions: { max: 1 } });
  const first = await small.open('cat');
  await assert.rejects(small.open('cat'), { name: 'StateError', code: 'TOO_MANY_SESSIONS' });
  await first.kill();
  await small.close();
});

test('two hundred at once leave no descriptor behind', { skip: process.platform !== 'linux' }, async () => {
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const one = await sh('echo warm');
  await all(one);
  const before = descriptors();
  const outputs = await Promise.all(Array.from({ length: 190 }, async (_, n) => all(await sh(`echo ${n}`))));
  outputs.forEach((output, n) => assert.equal(output, `${n}\r\n`));
  for (let tries = 0; descriptors() > before && tries < 400; tries += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(descriptors() <= before, `${descriptors()} descriptors, ${before} before`);
});

test('a tap hears what a reader does not take from it, and is told what it missed', async () => {
  const session = await sh('stty -opost -echo; printf before; read x; head -c 300000 /dev/zero; printf end');
  await session.wait({ output: 'before' });
  const [late, small] = [session.tap({ replay: true }), session.tap({ maxBytes: 100 })];
  assert.deepEqual(await late.next(), { done: false, value: { data: 'before', lag: 0 } });
  const first = small.next();
  await session.send('\n');
  assert.equal((await all(session)).length, 300_009);
  let [heard, lag] = [0, 0];
  for await (const chunk of late) heard += chunk.data.length;
  assert.equal(heard, 300_003);
  let missed = await first;
  for (heard = 0; !missed.done; missed = await small.next()) {
    heard += missed.value.data.length;
    lag += missed.value.lag;
  }
  assert.equal(heard + lag, 300_003);
  assert.ok(lag > 0);
  const other = await terminal.open('cat');
  const controller = new AbortController();
  const listening = other.tap({ signal: controller.signal }).next();
  controller.abort();
  await assert.rejects(listening, { name: 'AbortError' });
  await other.kill();
});

test('a secret is typed like anything else', async () => {
  const session = await sh('stty -echo; printf "password: "; read x; echo; echo "length ${#x}"; cat');
  await session.wait({ output: 'password: ' });
  const { match } = await session.send('hunter22', { enter: true, secret: true, until: { output: /length (\d+)/ } });
  assert.equal(match.groups[0], '8');
  await session.write(new TextEncoder().encode('more\n'), { secret: true });
  await session.wait({ output: 'more' });
  await session.kill();
});

test('without a command it is the shell of the user, if the policy names it', async () => {
  const shells = new Terminal({ commands: { allow: ['sh', 'bash', 'dash', 'zsh'] } });
  const session = await shells.open();
  const { match } = await session.send('echo $((40 + 2))\n', { until: { output: /^42$/m } });
  assert.equal(match.text, '42');
  await session.close();
  await shells.close();
  await assert.rejects(new Terminal({ commands: { allow: ['cat'] } }).open(null), { name: 'PolicyError', code: 'COMMAND_NOT_ALLOWED' });
  assert.throws(() => terminal.execute(null), { name: 'ConfigError', key: 'command' });
});

test('the size of the policy is the most', async () => {
  const small = new Terminal({ commands: { allow: ['cat'] }, sessions: { maxSize: { cols: 100, rows: 50 } } });
  await assert.rejects(small.open('cat', { cols: 101 }), { name: 'ConfigError', key: 'size' });
  const session = await small.open('cat', { cols: 100 });
  await assert.rejects(session.resize({ cols: 100, rows: 51 }), { name: 'ConfigError', key: 'size' });
  await small.close();
});
