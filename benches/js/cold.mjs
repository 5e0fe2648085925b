// cold.mjs: a whole run of Node that imports the package and executes one program, beside one that does nothing.

import { execFileSync } from 'node:child_process';
import { median, now, report } from './measure.mjs';

const first = `
  import { Terminal } from '@vetty/terminal';
  await new Terminal({ commands: { allow: ['true'] } }).execute('true');
`;
const time = (...args) => {
  const start = now();
  execFileSync(process.execPath, args, { cwd: import.meta.dirname });
  return now() - start;
};
const [nothing, execute] = [[], []];
for (let i = 0; i < 15; i += 1) {
  nothing.push(time('-e', '0'));
  execute.push(time('--input-type=module', '-e', first));
}
report({ nothing: median(nothing), execute: median(execute) });
