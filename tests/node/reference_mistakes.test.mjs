// What goes wrong with the reference system and must not go wrong here: crashes, leaks and traps, each by its name.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, describe, it } from 'node:test';
import { AbortError, SpawnError, Terminal, TimeoutError, VettyError } from '@vetty/terminal';
import { lives, outputOf } from './host.mjs';

const folder = realpathSync(mkdtempSync(`${tmpdir()}/vetty-mistakes-`));
after(() => rmSync(folder, { recursive: true }));
for (const name of ['workspace', 'workspace/victim', 'outside']) mkdirSync(`${folder}/${name}`);
writeFileSync(`${folder}/outside/secret`, 'secret\n');
writeFileSync(`${folder}/workspace/broken`, '#!/no/such/interpreter\n', { mode: 0o755 });
symlinkSync(`${folder}/outside`, `${folder}/workspace/link`);

const workspace = `${folder}/workspace`;
const made = (commands, more) => new Terminal({ workspaces: [workspace], commands, ...more });
const terminal = made({ allow: ['sh', './broken', 'sleep *'], strictArgs: false, killGrace: 50 });
const sh = (script) => ['sh', '-c', script];
const isRunning = (id) => terminal.getList().some((item) => item.id === id && item.running);
const until = async (condition) => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
};
/** The id and the output of a script in the background, as soon as it has written a line. */
async function begun(script) {
  const { id } = await terminal.execute(sh(script), { background: true });
  await until(() => terminal.getOutput(id).stdout.endsWith('\n'));
  return { id, line: terminal.getOutput(id).stdout.trim() };
}
const STUBBORN = "trap '' TERM; echo $$; while :; do sleep 0.02; done";

describe('the host', () => {
  it('does not crash when a background run cannot start', async () => {
    await assert.rejects(terminal.execute('./broken', { background: true }), SpawnError);
  });

  it('does not crash when a callback throws', async () => {
    const broken = () => {
      throw new Error('mine');
    };
    await assert.rejects(terminal.execute(sh('echo x'), { onStdout: broken }), { message: 'mine' });
  });

  it('does not crash when a program writes more than a string can hold', async () => {
    const { bytes, truncated, stdout } = await terminal.execute(sh('head -c 600000000 /dev/zero'));
    assert.deepEqual([bytes.stdout, truncated], [600000000, true]);
    assert.ok(stdout.length < 2 << 20);
  });

  it('ends when its work is done, though runs are listed, failed to start or had a long timeout', async () => {
    const ended = await outputOf(`
      import { Terminal } from PACKAGE;
      const terminal = new Terminal({ workspaces: [${JSON.stringify(workspace)}], commands: { allow: ['./broken', 'sh'] } });
      await terminal.execute('sh -c :', { timeout: 3600000 });
      await terminal.execute('./broken', { timeout: 3600000 }).catch(() => {});
      process.on('exit', () => console.log(terminal.getList().length));
    `);
    assert.equal(ended, '1\n');
  });
});

describe('a run that fails to start', () => {
  it('is not listed', async () => {
    await assert.rejects(terminal.execute('./broken'), SpawnError);
    assert.ok(terminal.getList().every(({ command }) => command !== './broken'));
  });

  it('does not blame the program for a directory that is missing', () => {
    assert.throws(() => terminal.execute('sleep 1', { cwd: 'absent' }), { code: 'CWD_NOT_FOUND', message: /^Workspace validation failed: / });
  });

  it('has an error of a class and a code, whatever is wrong with it', async () => {
    const calls = [
      ['sleep\0 1'],
      ['sleep 1', { cwd: 'a\0b' }],
      ['sleep 1', { cwd: 'broken' }],
      ['sleep 1', { env: { A: 'a\0b' } }],
      ['sleep 1', { env: { 'A\0': 'b' } }],
      [['sleep', 'x'.repeat(1 << 18)]],
      [7],
    ];
    for (const [command, options] of calls) {
      assert.throws(() => terminal.execute(command, options), (error) => VettyError.is(error) && /^[A-Z_]+$/.test(error.code));
    }
    const open = made({ allow: ['sleep'] }, { env: { allow: [] } });
    const env = Object.fromEntries(Array.from({ length: 40000 }, (_, i) => [`V${i}`, 'x'.repeat(100)]));
    await assert.rejects(async () => open.execute('sleep 0', { env }), (error) => VettyError.is(error) && /^[A-Z_0-9]+$/.test(error.code));
  });
});

describe('a timeout', () => {
  it('of a call may be none', async () => {
    const short = made({ allow: ['sleep *'] }, { timeout: 20 });
    assert.equal((await short.execute('sleep 0.2', { timeout: 0 })).exitCode, 0);
  });

  it('that is no number of milliseconds is refused', () => {
    for (const timeout of [NaN, Infinity, -1, 0.5, '500', null]) {
      assert.throws(() => terminal.execute('sleep 0', { timeout }), { code: 'INVALID_OPTION' });
      assert.throws(() => made({}, { timeout }), { code: 'INVALID_CONFIG' });
    }
  });

  it('that is longer than a timer can be is not one of a millisecond', async () => {
    for (const timeout of [2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      assert.equal((await terminal.execute('sleep 0.05', { timeout })).exitCode, 0);
    }
  });

  it('has rejected only when the program is dead, also one that ignores the signal', async () => {
    const { error } = await terminal.tryExecute(sh(STUBBORN), { timeout: 1000 });
    assert.equal(error.result.signal, 'SIGKILL');
    assert.equal(await lives(error.result.pid), false);
  });

  it('is told apart from an abort and a kill, each with what was written until then', async () => {
    const script = sh('echo begun; sleep 60');
    const late = await terminal.tryExecute(script, { timeout: 1000 });
    assert.ok(late.error instanceof TimeoutError && late.result.timedOut);
    const controller = new AbortController();
    const aborted = await terminal.tryExecute(script, { signal: controller.signal, onStdout: () => controller.abort('why') });
    assert.ok(aborted.error instanceof AbortError && aborted.error.cause === 'why');
    const end = () => terminal.getList().forEach(({ id, running }) => running && terminal.kill(id));
    const killed = await terminal.tryExecute(script, { onStdout: end });
    assert.ok(killed.error instanceof AbortError && killed.error.cause === undefined);
    const ends = [late, aborted, killed].map(({ result: { stdout, reason } }) => [stdout, reason]);
    assert.deepEqual(ends, [['begun\n', 'timeout'], ['begun\n', 'aborted'], ['begun\n', 'killed']]);
  });
});

describe('a kill', () => {
  it('is followed by one that cannot be ignored, and the run is listed as running until then', async () => {
    const { id, line: pid } = await begun(STUBBORN);
    const { exited } = terminal.getProcess(id);
    terminal.kill(id);
    assert.ok(isRunning(id));
    assert.equal((await exited).signal, 'SIGKILL');
    assert.ok(!isRunning(id) && !(await lives(pid)));
  });

  it('reaches the children of the program', async () => {
    const { id, line: pid } = await begun('sleep 60 & echo $!; wait');
    assert.ok(await lives(pid));
    await terminal.getProcess(id).kill();
    assert.equal(await lives(pid), false);
  });
});

describe('the end of a program', () => {
  it('by a signal of somebody else is seen', async () => {
    const { id, line: pid } = await begun('echo $$; sleep 60');
    const { exited } = terminal.getProcess(id);
    process.kill(Number(pid), 'SIGKILL');
    assert.equal((await exited).signal, 'SIGKILL');
    assert.ok(!isRunning(id));
  });

  it('is not held up by a descendant that holds its output', async () => {
    const { stdout } = await terminal.execute(sh('sleep 60 & echo done'), { timeout: 30000 });
    assert.equal(stdout, 'done\n');
  });

  it('is told after the last output', async () => {
    let length = 0;
    let lengthAtTheEnd;
    const onExit = () => (lengthAtTheEnd = length);
    await terminal.execute(sh('head -c 3000000 /dev/zero'), { encoding: 'buffer', onStdout: (data) => (length += data.length), onExit });
    assert.deepEqual([length, lengthAtTheEnd], [3000000, 3000000]);
  });
});

describe('output', () => {
  it('is not cut inside a character', async () => {
    const pieces = [];
    const cat = made({ allow: ['cat'] });
    const input = `x${'€'.repeat(200000)}`;
    const { stdout } = await cat.execute('cat', { input, onStdout: (data) => pieces.push(data) });
    assert.ok(stdout === input && pieces.length > 1);
    assert.ok(pieces.every((piece) => !piece.includes('\ufffd')) && pieces.join('') === input);
  });
});

describe('a pattern', () => {
  it('that denies a program with options does so in any spacing and quoting', () => {
    const open = made({ allow: [], deny: ['rm -rf *', 'npm publish', '* --force'] });
    for (const line of ['rm -rf victim', 'rm   -rf\tvictim', 'r""m "-rf" victim', 'rm -rf victim  x', 'npm publish --dry-run', 'git --force']) {
      assert.equal(open.check(line).code, 'COMMAND_DENIED', line);
    }
  });

  it('that denies a program denies the file, by whatever path', () => {
    const open = made({ allow: [], deny: ['rm'] }, { workspaces: ['/'] });
    for (const line of ['/bin/rm x', '/usr/bin/rm x', '/bin/../bin/rm x']) assert.equal(open.check(line).allowed, false, line);
  });

  it('that permits arguments looks at them', () => {
    const narrow = made({ allow: ['echo status *', 'cat *.txt', 'ls -l'] });
    const expected = { 'echo status': true, 'echo status -s': true, 'echo other': false, 'cat a.txt': true, 'cat a.js': false, 'ls -l': true, 'ls -a': false };
    for (const [line, allowed] of Object.entries(expected)) assert.equal(narrow.check(line).allowed, allowed, line);
  });

  it('permits no other program by a prefix', () => {
    assert.throws(() => made({ allow: ['git*'] }), { code: 'INVALID_PATTERN', key: 'commands.allow[0]' });
  });

  it('over names of variables may have its star anywhere', () => {
    const { dropped } = made({ allow: ['sh'] }, { env: { allow: [], deny: ['*_PART', '*MID*'] } }).check('sh', { env: { A_PART: '1', xMIDx: '1' } });
    assert.ok(dropped.includes('A_PART') && dropped.includes('xMIDx'));
  });
});

describe('a line', () => {
  const open = made({ allow: [] });

  it('keeps an empty word', () => {
    assert.deepEqual(open.check('printf "%s-%s-" "" b').argv, ['printf', '%s-%s-', '', 'b']);
  });

  it('is not split at what only looks like a space, and its program has no such character', () => {
    assert.deepEqual(open.check('echo a\u00a0b\u3000c').argv, ['echo', 'a\u00a0b\u3000c']);
    assert.equal(open.check('echo\u00a0x').code, 'MALFORMED_COMMAND');
  });

  it('with an open quote is refused', () => {
    assert.equal(open.check('echo "a').code, 'MALFORMED_COMMAND');
  });

  it('has no second command, wherever it hides', () => {
    const shell = made({ allow: ['sh', 'git *', 'echo *'], noShell: false });
    for (const line of ['git;echo x', '"git --version;echo x"', "echo 'a\necho x'", 'echo x\recho y', 'git --version;echo x']) {
      assert.equal(shell.check(line).allowed, false, JSON.stringify(line));
    }
  });

  it('that is very long is refused as such', () => {
    assert.equal(open.check(`echo ${'x '.repeat(2 << 20)}`).code, 'ARGUMENT_TOO_LONG');
  });

  it('that cannot be passed on unchanged is refused', () => {
    assert.equal(open.check('echo \ud800').code, 'MALFORMED_COMMAND');
  });

  it('that names a command of a shell says what it is', () => {
    const { code, hint } = made({ allow: ['cd *'] }).check('cd victim');
    assert.equal(code, 'PROGRAM_NOT_FOUND');
    assert.match(hint, /cwd/);
  });
});

describe('a workspace', () => {
  const reader = made({ allow: ['cat', 'pwd'] });

  it('holds the arguments as well, and sees through links', () => {
    for (const path of [`${folder}/outside/secret`, '/etc/hostname', 'link/secret']) {
      assert.equal(reader.check(['cat', path]).code, 'PATH_OUTSIDE_WORKSPACE', path);
    }
    assert.equal(reader.check('pwd', { cwd: 'link' }).code, 'WORKSPACE_NOT_ALLOWED');
  });

  it('that is the root is everywhere', async () => {
    const { stdout } = await made({ allow: ['cat', 'pwd'] }, { workspaces: ['/'] }).execute('pwd', { cwd: workspace });
    assert.equal(stdout, `${workspace}\n`);
  });

  it('has to be given in an array', () => {
    assert.throws(() => new Terminal({ workspaces: '/' }), { code: 'INVALID_CONFIG', key: 'workspaces' });
  });
});

describe('the environment', () => {
  const open = made({ allow: ['env', 'sh'] }, { env: { allow: [] } });

  it('of the host passes the filter: by default the search path, and no more', async () => {
    const { stdout } = await made({ allow: ['env'] }).execute('env');
    assert.deepEqual(stdout.split('\n').map((line) => line.split('=')[0]).filter((name) => name !== 'NODE_ENV'), ['PATH', '']);
  });

  it('of a call does not choose the program', () => {
    assert.equal(open.check('sh', { env: { PATH: workspace } }).program, open.check('sh').program);
  });

  it('takes no variable for another one', () => {
    for (const env of [{ 'LD_PRELOAD=x#': '1' }, JSON.parse('{"__proto__":{"LD_PRELOAD":"x"}}'), { 'A B': '1' }, { '': '1' }]) {
      assert.equal(open.check('env', { env }).code, 'INVALID_ENVIRONMENT');
    }
  });

  it('has no variable that loads code, unless it is named', () => {
    const { dropped } = open.check('env', { env: { LD_PRELOAD: 'x', NODE_OPTIONS: 'x', BASH_ENV: 'x', GIT_SSH_COMMAND: 'x' } });
    for (const name of ['LD_PRELOAD', 'NODE_OPTIONS', 'BASH_ENV', 'GIT_SSH_COMMAND']) assert.ok(dropped.includes(name), name);
  });

  it('takes nothing from a polluted prototype', () => {
    Object.prototype.LD_PRELOAD = 'x';
    Object.prototype.env = { LD_LIBRARY_PATH: 'x' };
    try {
      const { env, dropped } = open.check('env', {});
      assert.ok(![...env, ...dropped].some((name) => name.startsWith('LD_')));
    } finally {
      delete Object.prototype.LD_PRELOAD;
      delete Object.prototype.env;
    }
  });
});

describe('a policy', () => {
  it('has its defaults where undefined is given', () => {
    const config = { allow: ['echo'], deny: undefined, maxArgs: undefined, strictArgs: undefined, noShell: undefined };
    const odd = made(config, { env: { allow: undefined, deny: undefined }, timeout: undefined });
    assert.deepEqual(odd.getConfig(), made({ allow: ['echo'] }).getConfig());
    assert.equal(odd.check('echo a;b').code, 'SHELL_METACHARACTER');
  });

  it('is not changed by whoever changes what it was made of or what it shows', () => {
    const config = { allow: ['echo'], deny: ['echo x'] };
    const mine = made(config);
    config.deny.length = 0;
    assert.throws(() => (mine.getConfig().commands.deny.length = 0), TypeError);
    assert.equal(mine.check('echo x').code, 'COMMAND_DENIED');
  });

  it('is one of many: that of another terminal is another', () => {
    const [mine, other] = [made({ allow: ['echo'] }), made({ allow: ['sh'] })];
    assert.deepEqual([mine.check('sh').allowed, other.check('echo').allowed], [false, false]);
  });

  it('that is mistaken is no policy', () => {
    for (const commands of [{ allow: 'echo' }, { allow: [null] }, { maxArgs: NaN }, { noShell: null }, { strictArgs: 0 }, { killSignal: 'SIGFOO' }, { other: 1 }]) {
      assert.throws(() => made(commands), { name: 'ConfigError' }, JSON.stringify(commands));
    }
  });
});

describe('what is listed', () => {
  it('is a copy', async () => {
    const { id } = await terminal.execute(sh(':'));
    const item = () => terminal.getList().find((listed) => listed.id === id);
    item().args.length = 0;
    assert.deepEqual(item().args, ['-c', ':']);
  });
});
