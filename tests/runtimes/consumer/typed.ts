import standard, { PolicyError, Terminal, VettyError } from '@vetty/terminal';
import type { Chunk, ExecuteResult, Outcome, Process, TerminalConfig, Types, Verdict } from '@vetty/terminal';

const config: TerminalConfig = { commands: { allow: ['echo *', 'cat'], maxArgs: 4 }, output: { marker: false } };

async function text(terminal: Terminal, signal: AbortSignal): Promise<string> {
  const result: ExecuteResult = await terminal.execute('echo typed', { signal, input: new Blob(['x']).stream() });
  const outcome: Outcome<Uint8Array> = await terminal.tryExecute(['echo', 'x'], { encoding: 'buffer' });
  if (!outcome.ok && VettyError.is(outcome.error)) throw outcome.error;
  return result.stdout;
}

async function piped(terminal: Terminal): Promise<string> {
  await using child: Process = await terminal.spawn('cat', { input: 'pipe' });
  const writer = child.stdin.getWriter();
  await writer.write('and piped');
  await writer.close();
  const chunks: Chunk[] = [];
  for await (const chunk of child) chunks.push(chunk);
  const reader: ReadableStreamDefaultReader<Uint8Array> = (await terminal.spawn('echo x')).stdout.getReader();
  await reader.cancel();
  return chunks.map(({ data }) => new TextDecoder().decode(data)).join('');
}

async function main(): Promise<void> {
  standard.initialize(config);
  const verdict: Verdict = Terminal.check('rm -rf x');
  const listed: Types.ProcessListItem[] = Terminal.getList();
  await using terminal = new Terminal(config);
  const first = await text(terminal, new AbortController().signal);
  console.log(first.trim(), await piped(terminal));
  try {
    void terminal.execute('rm -rf x');
  } catch (error) {
    console.log(error instanceof PolicyError, verdict.code, listed.length === 0);
  }
}

void main();
