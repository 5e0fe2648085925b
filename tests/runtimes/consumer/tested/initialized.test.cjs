// The default terminal of one test file.

const { appendFileSync } = require('node:fs');
const { Terminal } = require('@vetty/terminal');

test('it has the policy that this file gave it', async () => {
  expect(() => Terminal.execute('echo x')).toThrow('Command not allowed: echo');
  Terminal.initialize({ commands: { allow: ['echo *', 'sleep *'] } });
  await expect(Terminal.execute('echo x')).resolves.toMatchObject({ exitCode: 0, stdout: 'x\n' });
});

// It ends with the runtime, and keeps nobody waiting.
test('something may be left running', async () => {
  Terminal.setConfig({ commands: { allow: ['sh'], strictArgs: false } });
  const child = (await Terminal.spawn(['sh', '-c', 'sleep 600 & echo $!; wait'], { timeout: 0 })).unref();
  for await (const line of child.lines()) {
    appendFileSync('left', `${child.pid} ${line} `);
    break;
  }
});
