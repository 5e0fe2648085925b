// What is declared is there, what is there is declared, and all of it is documented.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as all from '@vetty/terminal';

const require = createRequire(import.meta.url);
// The compiler that the tests of the types use.
const ts = createRequire(require.resolve('tsd'))('@tsd/typescript');

const entry = require.resolve('@vetty/terminal/package.json').replace(/package\.json$/, 'index.d.cts');
const options = { strict: true, module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], types: [] };
const program = ts.createProgram([entry], options);
const checker = program.getTypeChecker();
const exported = new Map(
  checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry))).map((symbol) => [
    symbol.name,
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
  ]),
);

const isOurs = (symbol) => symbol.declarations?.some((declaration) => declaration.getSourceFile().fileName.includes('/terminal/'));
/** As a program writes them; `Symbol.asyncIterator` and its like have names of the compiler's own. */
const nameOf = (symbol) => symbol.name.replace(/^__@(\w+)@\d+$/, '[Symbol.$1]');
const namesOf = (type) => checker.getPropertiesOfType(type).filter(isOurs).map(nameOf).sort();
const declaredOf = (name) => namesOf(checker.getDeclaredTypeOfSymbol(exported.get(name)));
const staticsOf = (name) => namesOf(checker.getTypeOfSymbol(exported.get(name)));

/** The own members of an object, without those that every class has. */
const ownNames = (object, ...but) =>
  Reflect.ownKeys(object)
    .map((key) => (typeof key === 'symbol' ? `[${key.description.replace(/^nodejs\./, 'Symbol.')}]` : key))
    .filter((key) => !['constructor', 'length', 'name', 'prototype', ...but].includes(key))
    .sort();

/** The same of all that an instance has, its base classes' too. */
function memberNames(prototype, ...but) {
  const names = new Set();
  for (let at = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of ownNames(at, ...but)) names.add(name);
  }
  return [...names].sort();
}

test('the exports', () => {
  const values = [...exported].filter(([, symbol]) => symbol.flags & ts.SymbolFlags.Value).map(([name]) => name);
  assert.deepEqual(Object.keys(all).sort(), values.sort());
});

const { Terminal, VettyError } = all;
// Registered symbols, which are for other copies of the package.
const internal = ['[@vetty/terminal.auditLock]', '[@vetty/terminal.killAll]', '[@vetty/terminal.openNow]', '[@vetty/terminal.resolved]', '[@vetty/terminal.error]'];

test('the members of a terminal and of its static side', () => {
  assert.deepEqual(memberNames(Terminal.prototype, ...internal), declaredOf('Terminal'));
  assert.deepEqual(ownNames(Terminal), staticsOf('Terminal'));
});

const terminal = new Terminal({ commands: { allow: ['true'] } });

test('the members of a process', async () => {
  const child = await terminal.spawn('true');
  assert.deepEqual(memberNames(Object.getPrototypeOf(child)), declaredOf('Process'));
  await child.wait();
});

test('the members of a session, and the keys of what it gives', async () => {
  const interactive = new Terminal({ commands: { allow: ['cat'] } });
  const session = await interactive.open('cat');
  assert.deepEqual(memberNames(Object.getPrototypeOf(session)), declaredOf('Session'));
  assert.deepEqual(memberNames(Object.getPrototypeOf(session.screen)), declaredOf('Screen'));
  assert.deepEqual(Object.keys(session.screen.cursor).sort(), declaredOf('Cursor'));
  assert.deepEqual(Object.keys(session.screen.snapshot()).sort(), declaredOf('Snapshot'));
  assert.deepEqual(Object.keys(session.screen.cells()[0][0]).sort(), declaredOf('Cell'));
  assert.deepEqual(Object.keys(await session.foreground()).sort(), declaredOf('Foreground'));
  assert.deepEqual(Object.keys(session.size).sort(), declaredOf('Size'));
  assert.deepEqual(Object.keys(await session.wait({ settled: 1 })).sort(), declaredOf('WaitResult'));
  const late = await session.wait({ exit: true }, { timeout: 1 }).catch((error) => error);
  assert.deepEqual([...Object.keys(late), 'name', 'toJSON'].sort(), [...new Set([...declaredOf('WaitError'), 'name'])].sort());
  await interactive.close();
});

test('the keys of what is data', async () => {
  const result = await terminal.execute('true');
  assert.deepEqual(Object.keys(result).sort(), declaredOf('ExecuteResult'));
  assert.deepEqual(Object.keys(result.enforced).sort(), declaredOf('Enforced'));
  assert.deepEqual(Object.keys(terminal.getList()[0]).sort(), declaredOf('ProcessListItem'));
  assert.deepEqual(Object.keys(terminal.getOutput(result.id)).sort(), declaredOf('ProcessOutput'));
  assert.deepEqual(Object.keys(await terminal.getProcess(result.id).exited).sort(), declaredOf('Exit'));
  assert.deepEqual(Object.keys(terminal.check('true')).sort(), declaredOf('Permitted'));
  assert.deepEqual(Object.keys(terminal.check('false')).sort(), declaredOf('Refused'));
  const explanation = terminal.explain('false');
  assert.deepEqual(Object.keys(explanation).sort(), declaredOf('Explanation'));
  assert.deepEqual(Object.keys(explanation.rules[0]).sort(), declaredOf('ConsideredRule'));
  assert.deepEqual(Object.keys(Terminal.support()).sort(), declaredOf('Support'));
  assert.deepEqual(Object.keys(new Terminal({ commands: { allow: [] } }).lint()[0]).sort(), declaredOf('Lint'));
});

test('the keys of a configuration, as it is given and as it is in force', () => {
  const compare = (value, name) => assert.deepEqual(Object.keys(value).sort(), declaredOf(name), name);
  const config = terminal.getConfig();
  compare(config, 'TerminalConfig');
  compare(config, 'ResolvedConfig');
  compare(config.commands, 'CommandConfig');
  compare(config.env, 'EnvConfig');
  compare(config.limits, 'LimitsConfig');
  compare(config.output, 'OutputConfig');
  compare(config.quotas, 'QuotasConfig');
  compare(config.sandbox, 'SandboxConfig');
  compare(config.sessions, 'SessionsConfig');
  compare(config.audit, 'AuditConfig');
  compare(config.audit.redact, 'RedactConfig');
});

test('the keys of a policy file are those of its schema', () => {
  const { properties } = JSON.parse(readFileSync(new URL('../../npm/terminal/policy.schema.json', import.meta.url), 'utf8'));
  assert.deepEqual(Object.keys(properties).sort(), declaredOf('PolicyFile'));
});

test('the fields of errors', async () => {
  const lasting = new Terminal({ commands: { allow: ['sleep *'] } });
  const { error: late } = await lasting.tryExecute('sleep 60', { timeout: 50 });
  const controller = new AbortController();
  const child = await lasting.spawn('sleep 60', { signal: controller.signal });
  controller.abort();
  const aborted = await child.wait().catch((error) => error);
  const { error: refused } = await terminal.tryExecute('false');
  const { error: wrong } = await terminal.tryExecute('true', { nonsense: 1 });
  await lasting.close();
  const { error: closed } = await lasting.tryExecute('sleep 60');
  const kinds = { TimeoutError: late, AbortError: aborted, PolicyError: refused, ConfigError: wrong, StateError: closed };
  for (const [name, error] of Object.entries(kinds)) {
    assert.equal(error.name, name);
    assert.deepEqual([...Object.keys(error), 'name', 'toJSON'].sort(), [...new Set([...declaredOf(name), 'name'])].sort(), name);
  }
});

test('each declaration and each member has a doc comment', () => {
  const bare = [];
  const look = (symbol, path) => {
    if (symbol.getDocumentationComment(checker).length === 0 && symbol.getJsDocTags(checker).length === 0) bare.push(path);
  };
  for (const [name, symbol] of exported) {
    if (name === 'default') continue;
    look(symbol, name);
    const type = symbol.flags & ts.SymbolFlags.Type ? checker.getDeclaredTypeOfSymbol(symbol) : undefined;
    if (symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class)) {
      for (const member of checker.getPropertiesOfType(type).filter(isOurs)) look(member, `${name}.${nameOf(member)}`);
    }
    if (symbol.flags & ts.SymbolFlags.Class) {
      const statics = checker.getPropertiesOfType(checker.getTypeOfSymbol(symbol)).filter(isOurs);
      for (const member of statics) look(member, `${name}.${member.name} (static)`);
    }
  }
  assert.deepEqual(bare, []);
});
