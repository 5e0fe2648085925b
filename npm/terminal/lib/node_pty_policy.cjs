'use strict';

/** Which policy a terminal in node-pty's shape is judged by, and its opening, which waits for the kernel. */

const { delimiter } = require('node:path');

const { optionsJson } = require('./call.cjs');
const { DefaultTerminal } = require('./default_terminal.cjs');
const { ConfigError, fromNative } = require('./errors.cjs');
const { native } = require('./native.cjs');
const { shown } = require('./plain.cjs');
const { Terminal } = require('./static_side.cjs');
const { OPEN_NOW } = require('./terminal.cjs');

/** The addon's terminals without a policy, by what they were made of. */
const unrestricted = new Map();

/**
 * `{ session, process, pid }`
 *
 * @throws {PolicyError | SpawnError}
 */
function opened({ argv, cwd, env, cols, rows, term }, { terminal, uid, gid }) {
  const variables = Object.entries(env).filter(([, value]) => typeof value === 'string');
  // As there: whoever embeds it has a terminal of its own that shows and answers.
  const data = { cwd, cols, rows, term, screen: false };
  const judge = terminalOf(terminal);
  if (judge === undefined) {
    const pairs = variables.flat().join('\0');
    return started(unrestrictedOf(env.PATH ?? '', uid, gid).openNow(argv, pairs, optionsJson(data)));
  }
  if (uid !== undefined || gid !== undefined) {
    throw new ConfigError('INVALID_OPTION', 'options.uid', 'options.uid: the user and the group are the policy\'s');
  }
  return started(judge[OPEN_NOW](argv, variables, data));
}

function terminalOf(given) {
  if (typeof given === 'object' && given !== null && OPEN_NOW in given) {
    return given;
  }
  if (given !== undefined) {
    throw new ConfigError('INVALID_OPTION', 'options.terminal', `options.terminal: expected a Terminal, got ${shown(given)}`);
  }
  const defaults = DefaultTerminal.ofThisRealm((config, handlers) => new Terminal(config, handlers));
  return defaults.locked ? defaults.current : undefined;
}

function unrestrictedOf(path, uid, gid) {
  const key = [path, uid, gid].join('\0');
  if (!unrestricted.has(key)) {
    const folders = path.split(delimiter).filter((folder) => folder !== '');
    unrestricted.set(key, native().NativeTerminal.unrestricted(folders, uid, gid));
  }
  return unrestricted.get(key);
}

function started(outcome) {
  const facts = JSON.parse(typeof outcome === 'string' ? outcome : outcome.json);
  if (outcome.session === undefined) {
    throw fromNative(facts.error ?? facts);
  }
  return { session: outcome.session, process: outcome.process, pid: facts.result.pid };
}

module.exports = { opened };
