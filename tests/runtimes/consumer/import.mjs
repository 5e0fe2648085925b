import standard, { Terminal, VettyError } from '@vetty/terminal';

const terminal = new Terminal({ commands: { allow: ['echo *', 'cat'] } });
const { stdout } = await terminal.execute('echo imported');
const child = await terminal.spawn('cat', { input: 'and spawned\n' });
for await (const line of child.lines()) console.log(stdout.trim(), line);

try {
  terminal.execute('rm -rf x');
} catch (error) {
  console.log(VettyError.is(error), error.code, standard === Terminal);
}
