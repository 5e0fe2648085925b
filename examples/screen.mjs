// Programs that take the whole screen, driven by what they show: vim, less, htop (or top, where there is no htop).
//
// `node examples/screen.mjs` in a checkout after `npm install`. In Rust: screen.rs

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Terminal } from '@vetty/terminal';

const folder = await mkdtemp(join(tmpdir(), 'screen-'));
const terminal = new Terminal({
  workspaces: [folder],
  commands: { allow: ['vim *', 'less *', 'htop', 'top'] },
  env: { set: { HOME: folder, LESSHISTFILE: '-' } },
});

const vim = await terminal.open('vim -N -u NONE -n list');
await vim.wait({ text: '"list" [New]' });
await vim.press('i');
await vim.paste(Array.from({ length: 100 }, (_, index) => `item ${index + 1}\n`).join(''));
await vim.wait({ text: 'item 100' });
await vim.press('Escape');
await vim.wait({ gone: '-- INSERT --' });
await vim.send(':x\n', { until: { exit: true } });
console.log(`vim wrote ${(await stat(join(folder, 'list'))).size} bytes`);

const less = await terminal.open('less list');
await less.wait({ text: 'item 1' });
await less.send('/item 42\n', { until: { text: /^item 60$/ } });
console.log(`less found '${less.screen.text().split('\n')[0]}' and shows it in its first row`);
await less.press('q');
await less.exited;

const monitor = await terminal.open(terminal.check('htop').allowed ? 'htop' : 'top');
await monitor.wait({ text: /PID +USER/ });
await monitor.wait({ settled: 100 });
console.log(monitor.screen.snapshot().lines.slice(0, 8).join('\n'));
await monitor.press('q');
await monitor.exited;
await rm(folder, { recursive: true });
