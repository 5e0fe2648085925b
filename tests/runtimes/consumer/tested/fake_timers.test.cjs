// Time that stands still for a test: a program's does not.

const { Terminal } = require('@vetty/terminal');

const fake = typeof jest === 'undefined' ? vi : jest;
const terminal = new Terminal({ commands: { allow: ['cat', 'echo *', 'sleep *'] } });

test('runs, timeouts and writes go on', async () => {
  fake.useFakeTimers();
  try {
    expect((await terminal.execute('echo x')).stdout).toBe('x\n');
    await expect(terminal.execute('sleep 600', { timeout: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    const child = await terminal.spawn('sleep 600', { input: 'pipe' });
    await expect(child.write(new Uint8Array(4 << 20), { timeout: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    await child.kill();
  } finally {
    fake.useRealTimers();
  }
});
