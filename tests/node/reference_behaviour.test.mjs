// What code that was written for the reference system relies on: its methods, its results, its words.

import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, it, after } from 'node:test';
import { Terminal } from '@vetty/terminal';

const folder = realpathSync(mkdtempSync(`${tmpdir()}/vetty-reference-`));
after(() => rmSync(folder, { recursive: true }));
const terminal = new Terminal({
  workspaces: [folder],
  commands: { allow: ['cat', 'echo', 'env', 'false', 'ls', 'sh', 'sleep *'], deny: ['ls -R'] },
});
const loose = new Terminal({ commands: { allow: ['sh'], strictArgs: false } });
const sh = (script) => ['sh', '-c', script];
const thrown = (call) => {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('it did not throw');
};
/** `execute` throws at once. */
const refusal = (command, options) => thrown(() => terminal.execute(command, options));

describe('configuration', () => {
  it('has the defaults of all nine keys', () => {
    const { workspaces, commands, env, timeout } = new Terminal().getConfig();
    const { allow, deny, maxArgs, strictArgs, noShell } = commands;
    assert.deepEqual({ workspaces, allow, deny, maxArgs, strictArgs, noShell, env: { ...env, set: undefined }, timeout }, {
      workspaces: [],
      allow: [],
      deny: [],
      maxArgs: 10,
      strictArgs: true,
      noShell: true,
      env: { allow: ['NODE_ENV', 'PATH'], deny: ['HOME', 'SSH_*'], set: undefined },
      timeout: 30000,
    });
  });

  it('has the later keys as well', () => {
    const { killSignal, windowsHide, windowsVerbatimArguments } = new Terminal().getConfig().commands;
    assert.deepEqual([killSignal, windowsHide, windowsVerbatimArguments], ['SIGTERM', false, false]);
  });

  it('permits a pattern that matches nothing, and a workspace that does not exist yet', () => {
    assert.equal(new Terminal({ commands: { allow: [''] } }).check('echo').code, 'COMMAND_NOT_ALLOWED');
    const later = new Terminal({ workspaces: [`${folder}/not/yet`], commands: { allow: ['echo'] } });
    assert.equal(later.check('echo').code, 'CWD_NOT_FOUND');
  });

  it('takes workspaces: entry 0 is the directory of a call that names none', async () => {
    const { stdout } = await new Terminal({ workspaces: [folder, '/'], commands: { allow: ['pwd'] } }).execute('pwd');
    assert.equal(stdout, `${folder}\n`);
  });

  it('with an empty allow permits what is not denied', () => {
    const open = new Terminal({ commands: { allow: [], deny: ['rm'] } });
    assert.deepEqual([open.check('echo x').allowed, open.check('rm x').code], [true, 'COMMAND_DENIED']);
  });
});

describe('patterns', () => {
  const allows = (allow, command) => new Terminal({ workspaces: [folder], commands: { allow: [allow] } }).check(command).allowed;

  it('of one word are a program with any arguments', () => {
    assert.ok(allows('echo', 'echo hello world') && allows('echo', 'echo'));
  });

  it('that end in a star permit no further word, one and more', () => {
    assert.ok(allows('echo *', 'echo') && allows('echo *', 'echo hello world'));
  });

  it('are denied first', () => {
    assert.equal(terminal.check('ls -R').code, 'COMMAND_DENIED');
  });
});

describe('words', () => {
  const argv = (line) => loose.check(line).argv.slice(1);

  it('are grouped by either quote, which is removed, also inside of a word', () => {
    assert.deepEqual(argv(`sh "a b" 'c d' e"f"'g'`), ['a b', 'c d', 'efg']);
  });

  it('keep a backslash as it is', () => {
    assert.deepEqual(argv('sh a\\b "c\\nd"'), ['a\\b', 'c\\nd']);
  });
});

describe('execute', () => {
  it('resolves with id, exit code and output', async () => {
    const { id, exitCode, stdout, stderr } = await loose.execute(sh('echo out; echo err >&2; exit 3'));
    assert.match(id, /^term_[0-9a-f]{32}$/);
    assert.deepEqual([exitCode, stdout, stderr], [3, 'out\n', 'err\n']);
  });

  it('resolves with no exit code after a signal', async () => {
    assert.equal((await loose.execute(sh('kill -KILL $$'))).exitCode, null);
  });

  it('gives the program an empty standard input', async () => {
    assert.equal((await terminal.execute('cat')).stdout, '');
  });

  it('in the background resolves at once, with a pid and without output', async () => {
    const { id, exitCode, stdout, stderr } = await terminal.execute('sleep 60', { background: true });
    const [item] = terminal.getList().filter((listed) => listed.id === id);
    assert.deepEqual([exitCode, stdout, stderr, item.background, item.running], [null, '', '', true, true]);
    assert.ok(item.pid > 0);
    assert.equal(terminal.kill(id), true);
  });

  it('calls onStdout and onStderr with text while it runs, and onExit with code and signal', async () => {
    const heard = [];
    await loose.execute(sh('echo out; echo err >&2; exit 2'), {
      stream: true,
      onStdout: (data) => heard.push(`out ${data}`),
      onStderr: (data) => heard.push(`err ${data}`),
      onExit: (code, signal) => heard.push([code, signal]),
    });
    assert.deepEqual(heard.slice(0, 2).sort(), ['err err\n', 'out out\n']);
    assert.deepEqual(heard.slice(2), [[2, null]]);
  });

  it('calls onExit without stream as well, and not for what did not start', async () => {
    const codes = [];
    const onExit = (code) => codes.push(code);
    await terminal.execute('false', { onExit });
    refusal('rm x', { onExit });
    assert.deepEqual(codes, [1]);
  });

  it('rejects when the time is over, with the words of an abort', async () => {
    await assert.rejects(terminal.execute('sleep 60', { timeout: 50 }), /^TimeoutError: Process was aborted/);
  });

  it('rejects when it is killed', async () => {
    const running = terminal.execute('sleep 60');
    const { id } = terminal.getList().find(({ command, running }) => command === 'sleep' && running);
    assert.equal(terminal.kill(id), true);
    await assert.rejects(running, { message: 'Process was aborted' });
  });

  it('passes what env.allow names, and drops the rest silently', async () => {
    const { stdout } = await terminal.execute('env', { env: { NODE_ENV: 'test', PATH: '/custom', OTHER: 'x', HOME: '/root', SSH_KEY: 'x' } });
    assert.deepEqual(stdout.split('\n').sort(), ['', 'NODE_ENV=test', 'PATH=/custom']);
  });

  it('skips variables that are undefined', async () => {
    const { stdout } = await terminal.execute('env', { env: { NODE_ENV: undefined } });
    assert.doesNotMatch(stdout, /undefined/);
  });
});

describe('what is known by an id', () => {
  it('is nothing of an unknown one: false, two empty texts, null', () => {
    assert.deepEqual([terminal.kill('x'), terminal.getOutput('x'), terminal.getExitCode('x')], [false, { stdout: '', stderr: '' }, null]);
  });

  it('is the output so far and later the exit code', async () => {
    const { id } = await loose.execute(sh('echo begun; read line'), { background: true });
    const { exited } = loose.getProcess(id);
    while (loose.getOutput(id).stdout === '') await new Promise((resolve) => setTimeout(resolve, 5));
    await exited;
    assert.deepEqual(loose.getOutput(id), { stdout: 'begun\n', stderr: '' });
    assert.equal(loose.getExitCode(id), 1);
  });

  it('is listed right after the end, with no exit code after a signal, and cannot be killed any more', async () => {
    const { id } = await loose.execute(sh('kill -KILL $$'));
    assert.ok(loose.getList().some((item) => item.id === id && !item.running));
    assert.deepEqual([loose.getExitCode(id), loose.kill(id)], [null, false]);
  });

  it('is listed with these keys', async () => {
    const { id, pid } = await terminal.execute('echo a b');
    const { startTime, ...item } = terminal.getList().find((listed) => listed.id === id);
    assert.ok(startTime instanceof Date);
    const expected = { id, command: 'echo', args: ['a', 'b'], pid, background: false, running: false };
    assert.deepEqual({ ...item, kind: undefined }, { ...expected, kind: undefined });
  });

  it('is forgotten five seconds after the end', async () => {
    assert.equal(terminal.getConfig().output.retain.time, 5000);
    const soon = new Terminal({ commands: { allow: ['echo'] }, output: { retain: { time: 50 } } });
    const { id } = await soon.execute('echo x');
    while (soon.getList().length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(soon.getOutput(id), { stdout: '', stderr: '' });
  });

  it('can be listened to: first what there is, at once, then what comes', async () => {
    const { id } = await loose.execute(sh('echo out; echo err >&2'));
    const heard = { out: '', err: '' };
    loose.stream(id, (data) => (heard.out += data), (data) => (heard.err += data));
    assert.deepEqual(heard, { out: 'out\n', err: 'err\n' });
  });
});

describe('refusals', () => {
  const words = (command, options) => refusal(command, options).message;

  it('are thrown at once by execute, as errors', () => {
    assert.ok(refusal('rm x') instanceof Error);
  });

  it('Empty command', () => {
    for (const command of ['', '  ', '\t', '""']) assert.match(words(command), /^Empty command/, JSON.stringify(command));
  });

  it('Command not allowed: <program>', () => {
    assert.equal(words('rm -rf x'), 'Command not allowed: rm');
    assert.match(words('ls -R'), /^Command not allowed: ls/);
  });

  it('Argument validation failed: Too many arguments: <n> > max <m>', () => {
    assert.equal(words('echo 1 2 3 4 5 6 7 8 9 10 11'), 'Argument validation failed: Too many arguments: 11 > max 10');
  });

  it('Argument validation failed: Null bytes detected in argument <i>', () => {
    assert.equal(words(['echo', 'a', 'b\0c']), 'Argument validation failed: Null bytes detected in argument 1');
  });

  it('Argument validation failed: Invalid characters in argument <i>: shell metacharacters detected', () => {
    for (const character of ';|&`$(){}[]<>') {
      const message = 'Argument validation failed: Invalid characters in argument 0: shell metacharacters detected';
      assert.equal(words(`echo a${character}b`), message);
    }
  });

  it('Argument validation failed: Path traversal detected in argument <i>', () => {
    for (const path of ['../x', 'x/..', '..\\..\\x', '.../', 'a/../../b']) {
      assert.equal(words(`cat ok ${path}`), 'Argument validation failed: Path traversal detected in argument 1', path);
    }
  });

  it('Workspace validation failed: ..., which does not tell what else is allowed', () => {
    const { message, verdict } = refusal('echo x', { cwd: '/' });
    assert.match(message, /^Workspace validation failed: Workspace not allowed: \/$/);
    assert.ok(verdict.hint.includes(folder), 'the hint does');
  });

  it('Process execution failed: ... for a program that is not there', () => {
    const absent = new Terminal({ commands: { allow: ['no-such-program'] } });
    assert.match(thrown(() => absent.execute('no-such-program')).message, /^Process execution failed: /);
  });

  it('Process not found: <id>', () => {
    assert.equal(thrown(() => terminal.stream('term_x', () => {}, () => {})).message, 'Process not found: term_x');
  });

  it('come in order: the command, the number of arguments, each argument, the directory', () => {
    const eleven = '1 2 3 4 5 6 7 8 9 10 ;';
    const order = [
      [`rm ${eleven}`, 'COMMAND_NOT_ALLOWED'],
      [`echo ${eleven}`, 'TOO_MANY_ARGUMENTS'],
      [['echo', '\0;../'], 'NUL_BYTE'],
      [['echo', ';../', '\0'], 'SHELL_METACHARACTER'],
      [['echo', '../', ';'], 'PATH_TRAVERSAL'],
      ['echo x', 'WORKSPACE_NOT_ALLOWED'],
    ];
    for (const [command, code] of order) assert.equal(refusal(command, { cwd: '/' }).code, code);
  });
});

describe('what is no traversal and no metacharacter', () => {
  for (const word of ['\x01', '\u202e', '%2e%2e%2f', '@file', '"hello\\nworld"', 'HEAD..', 'v1../v2', 'wait...', '*', '?', '!', '#', '%', '^', '=']) {
    it(`is permitted: ${JSON.stringify(word)}`, () => assert.equal(terminal.check(`echo ${word}`).code, 'ALLOWED'));
  }
});

describe('twenty children that are killed as soon as they are there', () => {
  it('do not run any more', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await terminal.execute('sleep 60', { background: true })).id));
    const ends = ids.map((id) => terminal.getProcess(id).exited);
    for (const id of ids) terminal.kill(id);
    await Promise.all(ends);
    assert.ok(terminal.getList().every(({ id, running }) => !ids.includes(id) || !running));
  });
});
