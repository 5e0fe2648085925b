// check.mjs: verdicts on ten words against 50 rules.

import { Terminal } from '@vetty/terminal';
import { median, now, report } from './measure.mjs';

const rules = (pattern) => Array.from({ length: 25 }, (_, i) => pattern(i));
const terminal = new Terminal({
  commands: { allow: [...rules((i) => `program${i} sub *`), 'git log *'], deny: rules((i) => `program${i} sub --flag${i} *`) },
});

function each(line, allowed) {
  const rounds = [];
  for (let round = 0; round < 60; round += 1) {
    const start = now();
    for (let i = 0; i < 500; i += 1) terminal.check(line);
    rounds.push((now() - start) / 500);
  }
  if (terminal.check(line).allowed !== allowed) throw new Error(JSON.stringify(terminal.check(line)));
  return median(rounds) * 1000;
}

report({
  withoutLookUps: each('program24 sub --flag24 two three four five six seven eight', false),
  allIn: each('git log one two three four five six seven eight', true),
});
