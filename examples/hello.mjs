// Vet, run, catch a refusal: `node examples/hello.mjs` in a checkout after `npm install`.

import { Terminal, VettyError } from '@vetty/terminal';

Terminal.initialize({
  commands: { allow: ['git *'], deny: ['git push'] },
  timeout: 10_000,
});

const { exitCode, stdout } = await Terminal.execute('git --version');
console.log(`exit code ${exitCode}: ${stdout.trim()}`);

// A verdict tells the same in advance. Nothing is spawned.
const verdict = Terminal.check('git push --force');
console.log(`${verdict.code} by ${verdict.rule.key} = '${verdict.rule.text}'`);

try {
  await Terminal.execute('git push --force');
} catch (error) {
  if (!VettyError.is(error)) throw error;
  console.log(`${error.name} ${error.code}: ${error.message}`);
}
