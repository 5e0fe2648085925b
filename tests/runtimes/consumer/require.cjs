const { Terminal, default: standard, VettyError } = require('@vetty/terminal');

const terminal = new Terminal({ commands: { allow: ['echo *', 'cat'] } });

async function main() {
  const { stdout } = await terminal.execute('echo required');
  const child = await terminal.spawn('cat', { input: 'and spawned\n' });
  for await (const line of child.lines()) console.log(stdout.trim(), line);

  const { error } = await terminal.tryExecute('rm -rf x');
  console.log(VettyError.is(error), error.code, standard === Terminal);
}

main();
