// Values that cross from the addon into the realm of a test file.

const { AbortError, PolicyError, Terminal, VettyError } = require('@vetty/terminal');

const terminal = new Terminal({ commands: { allow: ['cat', 'echo *', 'sleep *', 'yes'] } });

test('the default terminal has no policy of another file', () => {
  expect(Terminal.check('echo x')).toMatchObject({ allowed: false, code: 'COMMAND_NOT_ALLOWED' });
});

test('results are plain data of this realm', async () => {
  const result = await terminal.execute('cat', { input: new Uint8Array([1, 2, 255]), encoding: 'buffer' });
  expect(result.stdout).toEqual(new Uint8Array([1, 2, 255]));
  expect(result.stdout).toBeInstanceOf(Uint8Array);
  expect(result.startedAt).toBeInstanceOf(Date);
  expect(result.argv).toEqual(['cat']);
  expect(terminal.execute('echo x')).toBeInstanceOf(Promise);
});

test('errors are errors of this realm', async () => {
  expect(() => terminal.execute('rm x')).toThrow(PolicyError);
  const { error } = await terminal.tryExecute('cat', { cwd: '/no/such/folder' });
  expect(error).toBeInstanceOf(Error);
  expect(error).toBeInstanceOf(VettyError);
  expect(() => terminal.execute('echo x', { nonsense: 1 })).toThrow(/unknown option/);
});

test('signals, streams and iterators of this realm are taken', async () => {
  const controller = new AbortController();
  const running = terminal.execute('sleep 600', { signal: controller.signal });
  controller.abort('enough');
  await expect(running).rejects.toBeInstanceOf(AbortError);
  const pieces = async function* () {
    yield 'one ';
    yield 'two';
  };
  await expect(terminal.execute('cat', { input: pieces() })).resolves.toMatchObject({ stdout: 'one two' });
  await expect(terminal.execute('cat', { input: new Blob(['three']).stream() })).resolves.toMatchObject({ stdout: 'three' });
});

test('a process is read to its end', async () => {
  const child = await terminal.spawn('echo line');
  const lines = [];
  for await (const line of child.lines()) lines.push(line);
  expect(lines).toEqual(['line']);
  await expect(child.exited).resolves.toMatchObject({ exitCode: 0 });
  const endless = await terminal.spawn('yes');
  await endless.stdout.getReader().read();
  await endless.kill();
});
