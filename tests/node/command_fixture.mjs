// What a row of the corpus finds on disk.

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FOLDERS = ['ws/sub', 'ws/victim', 'ws/victim2', 'ws/evilcwd', 'ws/pre', 'ws-evil', 'out', 'evil', 'programs'];
const FILES = {
  'ws/afile': 'x\n',
  'ws/app.js': "console.log('APP')\n",
  'ws/pre/hello.py': "print('HELLO')\n",
  'ws/prog.awk': 'BEGIN { print "AWK" }\n',
  'ws/script.py': "print('SCRIPT')\n",
  'ws/evil.mk': 'all:\n\t@echo MADE\n',
  'ws/secret-in-ws.txt': 'x\n',
  'ws-evil/f': 'x\n',
  'out/secret.txt': 'secret\n',
};
// What must not run leaves a trace of having run.
const EVIL = '#!/bin/sh\necho PWNED\n: > "$0.ran"\n';
const PROGRAMS = {
  'ws/evilcwd/git': EVIL,
  'evil/git': EVIL,
  'ws/tool': '#!/bin/sh\necho TOOL\n',
  'out/tool': '#!/bin/sh\necho TOOL\n: > "$0.ran"\n',
  'ws/noshebang': EVIL.replace(/.*\n/, ''),
};
/** Programs that rows run and a machine may lack. Those that it has come first. */
const STAND_INS = ['awk', 'git', 'make', 'node', 'python3'];

/** A fresh copy of everything, in a place of its own. */
export class Fixture {
  #base = realpathSync(mkdtempSync(join(tmpdir(), 'vetty-rows-')));

  constructor() {
    for (const folder of FOLDERS) mkdirSync(this.#at(folder), { recursive: true });
    for (const [file, text] of Object.entries(FILES)) writeFileSync(this.#at(file), text);
    const standIns = STAND_INS.map((name) => [`programs/${name}`, '#!/bin/sh\necho "$0 $*"\n']);
    for (const [file, text] of [...Object.entries(PROGRAMS), ...standIns]) writeFileSync(this.#at(file), text, { mode: 0o755 });
    const rm = ['/bin/rm', '/usr/bin/rm'].find((file) => existsSync(file));
    copyFileSync(rm, this.#at('ws/hard-rm'));
    for (const [link, target] of [['link-out', this.#at('out')], ['race', this.#at('out')], ['link-rm', rm]]) {
      symlinkSync(target, this.#at(`ws/${link}`));
    }
  }

  /** By the names of the corpus. */
  get places() {
    return { '${WS}': this.#at('ws'), '${OUT}': this.#at('out'), '${EVIL}': this.#at('evil') };
  }

  /** Where programs are looked up: as by default, and then here. */
  get searchPath() {
    return [...(process.env.PATH ?? '').split(':'), this.#at('programs')];
  }

  /** All that is there. A run that should not have been leaves another list. */
  contents() {
    const entries = (folder) =>
      readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? [path, ...entries(path)] : [`${path} ${entry.isFile() ? readFileSync(path).length : 'link'}`];
      });
    return entries(this.#base).sort();
  }

  remove() {
    rmSync(this.#base, { recursive: true });
  }

  #at(path) {
    return join(this.#base, path);
  }
}
