// Running a command and waiting for its result.

import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { getSystemErrorName } from 'node:util';
import { AbortError, PolicyError, SpawnError, StateError, Terminal, TimeoutError, VettyError } from '@vetty/terminal';

const here = dirname(fileURLToPath(import.meta.url));
const terminal = new Terminal({
  workspaces: [here],
  commands: { allow: ['cat', 'echo *', 'env', 'false', 'printf *', 'pwd', 'sh', 'sleep *'], strictArgs: 'unquoted' },
});
const sh = (script) => ['sh', '-c', script];

test('a result is plain data with all its fields', async () => {
  const before = Date.now();
  const result = await terminal.execute('echo hello  "big world"');
  assert.match(result.id, /^term_[0-9a-f]{32}$/);
  assert.ok(result.pid > 0 && result.durationMs > 0);
  assert.ok(result.startedAt instanceof Date && result.startedAt.getTime() >= before - 1);
  const { id, pid, startedAt, durationMs, ...rest } = result;
  assert.deepEqual(rest, {
    argv: ['echo', 'hello', 'big world'],
    exitCode: 0,
    signal: null,
    reason: 'exited',
    timedOut: false,
    limit: null,
    stdout: 'hello big world\n',
    stderr: '',
    bytes: { stdout: 16, stderr: 0 },
    truncated: false,
    omitted: { stdout: null, stderr: null },
    incomplete: false,
    survivors: 0,
    enforced: { level: 'filter', features: [], degraded: [], kill: result.enforced.kill },
  });
  assert.deepEqual(structuredClone(result), result);
});

test('any exit code and any foreign signal is a result', async () => {
  const failed = await terminal.execute('false');
  assert.deepEqual([failed.exitCode, failed.signal, failed.reason], [1, null, 'exited']);
  const signaled = await terminal.execute(sh('kill -9 $$'));
  assert.deepEqual([signaled.exitCode, signaled.signal, signaled.reason], [null, 'SIGKILL', 'signaled']);
});

test('an argv is taken as it is', async () => {
  const words = ['', 'a b', 'x\ty', '"q"', "'", '*', '\\n', 'ü€𝄞'];
  const { stdout } = await terminal.execute(['printf', '%s|', ...words]);
  assert.deepEqual(stdout.split('|').slice(0, -1), words);
});

test('a command that is changed after the call is not what runs', async () => {
  const argv = ['echo', 'before'];
  const running = terminal.execute(argv);
  argv[1] = 'after';
  assert.equal((await running).stdout, 'before\n');
});

test('each encoding gives what it says', async () => {
  const run = (encoding) => terminal.execute(['cat'], { input: new Uint8Array([0xc3, 0xbc, 0xff]), encoding });
  assert.equal((await run('utf8')).stdout, 'ü\ufffd');
  assert.equal((await run('latin1')).stdout, 'Ã¼ÿ');
  const { stdout, stderr } = await run('buffer');
  assert.deepEqual(stdout, new Uint8Array([0xc3, 0xbc, 0xff]));
  assert.equal(Object.getPrototypeOf(stdout), Uint8Array.prototype);
  assert.deepEqual(stderr, new Uint8Array(0));
});

test('output beyond the limit keeps its head and tail, and says what is missing', async () => {
  const input = 'a'.repeat(50) + 'b'.repeat(1000) + 'c'.repeat(50);
  const result = await terminal.execute('cat', { input, maxBytes: 100 });
  assert.equal(result.stdout, `${'a'.repeat(50)}\n[... 1000 bytes omitted ...]\n${'c'.repeat(50)}`);
  assert.deepEqual([result.truncated, result.omitted.stdout], [true, { offset: 50, bytes: 1000 }]);
  assert.equal(result.bytes.stdout, 1100);
  const bytes = await terminal.execute('cat', { input, maxBytes: 100, encoding: 'buffer' });
  assert.equal(bytes.stdout.length, 100);
});

test('the marker of omitted output is the configuration’s', async () => {
  const marked = (marker) => new Terminal({ commands: { allow: ['cat'] }, output: { maxBytes: 4, marker } });
  const input = 'ab......cd';
  assert.equal((await marked('<N>').execute('cat', { input })).stdout, 'ab<6>cd');
  assert.equal((await marked(false).execute('cat', { input })).stdout, 'abcd');
  assert.equal(marked('<N>').getConfig().output.marker, '<N>');
  assert.throws(() => marked(7), { name: 'ConfigError', key: 'output.marker' });
});

test('the directory is the first workspace, or the call’s', async () => {
  assert.equal((await terminal.execute('pwd')).stdout.trim(), here);
  await assert.rejects(async () => terminal.execute('pwd', { cwd: '/' }), { code: 'WORKSPACE_NOT_ALLOWED' });
});

test('the environment is process.env at the call and the call’s own, filtered', async () => {
  const open = new Terminal({ commands: { allow: ['env'] }, env: { allow: ['ENV_TEST_*'], deny: ['ENV_TEST_NO'], set: { SET: '1' } } });
  process.env.ENV_TEST_HOST = 'host';
  try {
    const { stdout } = await open.execute('env', { env: { ENV_TEST_CALL: 'call', ENV_TEST_NO: 'x', OTHER: 'y', ENV_TEST_UNDEF: undefined } });
    assert.deepEqual(stdout.trim().split('\n').sort(), ['ENV_TEST_CALL=call', 'ENV_TEST_HOST=host', 'SET=1']);
  } finally {
    delete process.env.ENV_TEST_HOST;
  }
  assert.equal((await open.execute('env')).stdout.trim(), 'SET=1');
});

/** The error of a call that was ended after its program had spoken: on a busy machine that takes a longer time. */
async function endedAfterSpeaking(call) {
  for (let timeout = 200; timeout < 60000; timeout *= 2) {
    const error = await call(timeout).then(() => assert.fail('it was not ended'), (error) => error);
    if (error.result.bytes.stdout > 0) return error;
  }
  return assert.fail('it never spoke');
}

test('a call that takes too long is ended, with what there was', async () => {
  const error = await endedAfterSpeaking((timeout) => terminal.execute(sh('echo begun; sleep 60'), { timeout }));
  assert.ok(error instanceof TimeoutError && VettyError.is(error));
  assert.match(error.message, /^Process was aborted/);
  assert.deepEqual([error.code, error.limit], ['TIMEOUT', 'wall']);
  const { stdout, timedOut, reason, signal } = error.result;
  assert.deepEqual([stdout, timedOut, reason, signal], ['begun\n', true, 'timeout', 'SIGTERM']);
});

test('a limit of the policy is told apart from the time of a call', async () => {
  const ends = async (limits, script, options, [limit, timedOut, reason], message) => {
    const limited = new Terminal({ commands: { allow: ['sh'], strictArgs: false }, limits });
    const heard = { ...options, onStdout() {} };
    const ways = [
      () => limited.execute(sh(script), options),
      () => limited.execute(sh(script), heard),
      async () => (await limited.spawn(sh(script), options)).wait(),
    ];
    for (const run of ways) {
      await assert.rejects(run, (error) => {
        assert.deepEqual([error.name, error.code, error.limit], ['TimeoutError', 'TIMEOUT', limit]);
        assert.deepEqual([error.result.limit, error.result.timedOut, error.result.reason], [limit, timedOut, reason]);
        assert.match(error.message, message);
        return true;
      });
    }
  };
  await ends({ wall: 150 }, 'sleep 60', { timeout: 0 }, ['wall', false, 'limit'], /^Process was aborted: it ran for longer than limits\.wall, \d+ ms$/);
  await ends({ wall: 60000 }, 'sleep 60', { timeout: 150 }, ['wall', true, 'timeout'], /^Process was aborted: its time was over after \d+ ms$/);
  await ends({ idle: 150 }, 'sleep 60', {}, ['idle', false, 'limit'], /^Process was aborted: it wrote nothing for longer than limits\.idle, after \d+ ms$/);
  await ends({ output: 9 }, 'yes', {}, ['output', false, 'limit'], /^Process was aborted: it wrote more than limits\.output, \d+ bytes$/);
});

test('a child that ignores the first signal dies of the second', async () => {
  const stubborn = new Terminal({ commands: { allow: ['sh'], killGrace: 100, strictArgs: false } });
  const script = "trap '' TERM; echo ready; while :; do sleep 0.05; done";
  const error = await endedAfterSpeaking((timeout) => stubborn.execute(sh(script), { timeout }));
  assert.equal(error.result.signal, 'SIGKILL');
});

test('timeout 0 is none', async () => {
  const short = new Terminal({ commands: { allow: ['sleep *'] }, timeout: 50 });
  assert.equal((await short.execute('sleep 0.3', { timeout: 0 })).exitCode, 0);
});

test('a signal that has happened spawns nothing, and a refusal comes before it', async () => {
  const reason = new Error('no longer wanted');
  const signal = AbortSignal.abort(reason);
  await assert.rejects(terminal.execute('echo x', { signal }), (error) => {
    assert.ok(error instanceof AbortError);
    assert.equal(error.cause, reason);
    assert.ok(!('result' in error));
    return true;
  });
  assert.throws(() => terminal.execute('rm x', { signal }), PolicyError);
});

test('a signal that happens ends the run, and leaves the user’s handler alone', async () => {
  const controller = new AbortController();
  let seen = 0;
  controller.signal.onabort = () => (seen += 1);
  const running = terminal.execute(sh('echo begun; sleep 60'), {
    signal: controller.signal,
    onStdout: () => controller.abort('enough'),
  });
  await assert.rejects(running, (error) => {
    assert.deepEqual([error.name, error.code, error.cause], ['AbortError', 'ABORT_ERR', 'enough']);
    assert.deepEqual([error.result.stdout, error.result.reason], ['begun\n', 'aborted']);
    return true;
  });
  assert.equal(seen, 1);
});

test('no listener stays on a signal', async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const counting = {
    aborted: false,
    addEventListener: () => (listeners += 1),
    removeEventListener: () => (listeners -= 1),
  };
  assert.equal(signal.aborted, false);
  await terminal.execute('echo x', { signal: counting });
  assert.throws(() => terminal.execute('rm', { signal: counting }));
  await terminal.execute('echo x', { signal: counting, onStdout() {} });
  await (await terminal.spawn('echo x', { signal: counting })).wait();
  assert.equal(listeners, 0);
});

test('what the kernel refuses is a SpawnError with its step', async () => {
  const { mkdtempSync, writeFileSync, rmSync } = await import('node:fs');
  const folder = mkdtempSync('/tmp/vetty-node-');
  try {
    writeFileSync(`${folder}/broken`, '#!/no/such/interpreter\n', { mode: 0o755 });
    const here = new Terminal({ workspaces: [folder], commands: { allow: ['./broken'] } });
    await assert.rejects(here.execute('./broken'), (error) => {
      assert.ok(error instanceof SpawnError);
      assert.match(error.message, /^Process execution failed: /);
      assert.deepEqual([error.code, error.phase, error.syscall], ['ENOENT', 'exec', 'execve']);
      assert.ok(error.path.endsWith('/broken'));
      assert.equal(getSystemErrorName(error.errno), error.code);
      assert.match(error.stack, /execute\.test\.mjs/);
      return true;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('callbacks hear whole characters in order, then the exit, then the promise settles', async () => {
  const heard = [];
  const running = terminal.execute(sh("printf '\\342\\202'; sleep 0.2; printf '\\254'; echo; echo e >&2"), {
    onStdout: (data) => heard.push(data),
    onStderr: (data) => heard.push(['stderr', data]),
    onExit: (code, signal) => heard.push([code, signal]),
  });
  const result = await running.then((result) => (heard.push('settled'), result));
  const text = heard.filter((item) => typeof item === 'string' && item !== 'settled').join('');
  assert.equal(text, '€\n');
  assert.deepEqual(heard.slice(-2), [[0, null], 'settled']);
  assert.deepEqual([result.stdout, result.stderr], ['€\n', 'e\n']);
});

test('stream: false silences the callbacks but not the exit', async () => {
  const heard = [];
  await terminal.execute('echo x', { stream: false, onStdout: (data) => heard.push(data), onExit: (code) => heard.push(code) });
  assert.deepEqual(heard, [0]);
});

test('a callback that throws kills the run, and the call rejects with what was thrown', async () => {
  for (const callback of ['onStdout', 'onStderr', 'onExit']) {
    const thrown = new Error(callback);
    const script = callback === 'onExit' ? 'exit 0' : 'echo out; echo err >&2; sleep 60';
    const running = terminal.execute(sh(script), { [callback]: () => { throw thrown; } });
    await assert.rejects(running, (error) => error === thrown);
  }
  assert.ok(terminal.getList().every(({ running }) => !running));
});

test('much output is heard completely, and kept in bounds', async () => {
  let length = 0;
  const script = 'i=0; while [ $i -lt 64 ]; do head -c 65536 /dev/zero; i=$((i+1)); done';
  const loose = new Terminal({ commands: { allow: ['sh'], strictArgs: false } });
  const { bytes, truncated } = await loose.execute(sh(script), { onStdout: (data) => (length += data.length), encoding: 'buffer' });
  assert.deepEqual([length, bytes.stdout, truncated], [4194304, 4194304, true]);
});

test('tryExecute makes every failure a value', async () => {
  const ok = await terminal.tryExecute('echo x');
  assert.deepEqual([ok.ok, ok.result.stdout, ok.error], [true, 'x\n', null]);
  const refused = await terminal.tryExecute('rm x');
  assert.deepEqual([refused.ok, refused.result, refused.error.name], [false, null, 'PolicyError']);
  const wrong = await terminal.tryExecute('echo x', { nonsense: 1 });
  assert.deepEqual([wrong.ok, wrong.error.name], [false, 'ConfigError']);
  const late = await terminal.tryExecute('sleep 60', { timeout: 100 });
  assert.deepEqual([late.ok, late.result.reason, late.error.name], [false, 'timeout', 'TimeoutError']);
});

test('what a terminal that was closed is asked for is refused', async () => {
  const closed = new Terminal({ commands: { allow: ['echo *', 'sh'], strictArgs: false } });
  const running = closed.execute(sh('echo begun; sleep 60'), { onStdout: () => closed.close() });
  await assert.rejects(running, (error) => error instanceof AbortError && error.result.stdout === 'begun\n');
  await closed.close();
  await assert.rejects(closed.execute('echo x'), (error) => error instanceof StateError && error.code === 'CLOSED');
});

test('a hundred calls at once all come back', async () => {
  const results = await Promise.all(Array.from({ length: 100 }, (_, i) => terminal.execute(`echo ${i}`)));
  assert.deepEqual(results.map(({ stdout }) => Number(stdout)), Array.from({ length: 100 }, (_, i) => i));
  assert.equal(new Set(results.map(({ id }) => id)).size, 100);
});

test('more calls than may wait are refused', async () => {
  const narrow = new Terminal({ commands: { allow: ['sleep *', 'echo *'] }, quotas: { running: 1, queued: 0 } });
  const { id } = await narrow.execute('sleep 60', { background: true });
  await assert.rejects(narrow.execute('echo x'), (error) => error instanceof StateError && error.code === 'BUSY');
  narrow.kill(id);
});
