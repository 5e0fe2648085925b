'use strict';

/** One call on its way to the addon: the command, the options that are data, the environment of the calling thread. */

const { ConfigError } = require('./errors.cjs');
const { isWellFormed, shown } = require('./plain.cjs');

/**
 * A line or an own copy of an argv.
 *
 * @throws {ConfigError} for anything else
 */
function commandOf(command) {
  if (typeof command === 'string') {
    return command;
  }
  if (!Array.isArray(command)) {
    throw wrong('command', 'a string or an array of strings', command);
  }
  const argv = [];
  for (let index = 0; index < command.length; index += 1) {
    const word = command[index];
    if (typeof word !== 'string') {
      throw wrong(`command[${index}]`, 'a string', word);
    }
    argv.push(word);
  }
  return argv;
}

function wrong(key, expected, value) {
  return new ConfigError('INVALID_OPTION', key, `${key}: expected ${expected}, got ${shown(value)}`);
}

/**
 * The calling thread's variables, as one text: `name NUL value NUL name ...`.
 *
 * @param {string[]} [names] only these
 */
function hostEnvironment(names) {
  const variables = process.env;
  const parts = [];
  for (const name of names ?? Object.keys(variables)) {
    const value = variables[name];
    if (typeof value === 'string' && !value.includes('\0') && !name.includes('\0')) {
      parts.push(name, value);
    }
  }
  return parts.join('\0');
}

/** The same of a verdict, which tells of names only: without the values, but for the one that says which shell is meant. */
function hostNames() {
  const parts = [];
  for (const name of Object.getOwnPropertyNames(process.env)) {
    if (!name.includes('\0')) {
      parts.push(name, name === 'SHELL' ? process.env.SHELL : '');
    }
  }
  return parts.join('\0');
}

/** The names that can pass the filters, where they are spelled out: to read a few is cheaper than to read all. */
function namesThatPass({ env: { allow }, audit }) {
  // Values that are hidden may be those of variables that no program gets.
  return audit.redact.env.length === 0 && allow.length > 0 && allow.every((name) => /^\w+$/.test(name)) ? allow : undefined;
}

const WELL_FORMED = 'pass well-formed Unicode';

/** What the addon cannot be told, because it would become another text on the way. No value of a variable is told. */
function refusalOf(line, cwd, env) {
  const words = typeof line === 'string' ? [line] : line;
  if (!words.every(isWellFormed)) {
    return { code: 'MALFORMED_COMMAND', message: 'Malformed command: lone surrogate', hint: WELL_FORMED, first: true };
  }
  if (cwd !== undefined && !isWellFormed(cwd)) {
    const message = 'Workspace validation failed: lone surrogate in the directory';
    return { code: 'CWD_NOT_FOUND', message, hint: WELL_FORMED };
  }
  const bad = env.find(([name, value]) => typeof value !== 'string' || !isWellFormed(name) || !isWellFormed(value));
  if (bad !== undefined) {
    const [name, value] = bad;
    const isText = typeof value === 'string';
    const problem = isText ? 'lone surrogate' : 'the value is no string';
    const message = `Environment validation failed: variable ${JSON.stringify(name.split('=', 1)[0])}: ${problem}`;
    return { code: 'INVALID_ENVIRONMENT', message, hint: isText ? WELL_FORMED : 'pass a string, or undefined for no variable' };
  }
  return undefined;
}

/**
 * @param {unknown} command
 * @param {object} options checked ones
 * @param {object} [more] what the addon is told besides
 */
function callOf(command, options, more) {
  const line = commandOf(command);
  const { cwd, timeout, maxBytes } = options;
  const stricter = options.sandbox === undefined ? {} : stricterOf(options.sandbox);
  const env = options.env === undefined ? [] : variablesOf(options.env);
  const refusal = refusalOf(line, cwd, env);
  const data = { cwd, env: env.length === 0 ? undefined : env, timeout, maxBytes, ...stricter, ...more };
  return { line, refusal, data };
}

/** The same of the user's shell, of which only the addon knows what it is. */
const callOfShell = (options, more) => ({ ...callOf('', options, more), line: null });

/** Own properties alone: a polluted prototype asks for nothing. */
function stricterOf(sandbox) {
  const own = (key) => (Object.hasOwn(sandbox, key) ? sandbox[key] : undefined);
  return { sandboxLevel: own('level'), withoutNetwork: own('network') === 'none' ? true : undefined };
}

function variablesOf(given) {
  const variables = [];
  for (const name of Object.keys(given)) {
    const value = given[name];
    if (value !== undefined) {
      variables.push([name, value]);
    }
  }
  return variables;
}

/** The addon's verdict, or a refusal of what cannot be put to the addon. */
function judged(native, call) {
  const { line, refusal, data } = call;
  if (refusal === undefined) {
    return JSON.parse(native.check(line, hostNames(), optionsJson(data)));
  }
  if (refusal.first) {
    return refused({ argv: [], program: null, cwd: null, env: [], dropped: [], policy: native.policyHash() }, refusal);
  }
  // All that comes before in the order of the checks is judged without what is wrong.
  const verdict = JSON.parse(native.check(line, hostNames(), optionsJson(without(data, refusal))));
  return verdict.allowed ? refused(verdict, refusal) : verdict;
}

/** The same with what every rule says; of what cannot be put to the addon, no rule says anything. */
function explained(native, call) {
  return call.refusal === undefined
    ? JSON.parse(native.explain(call.line, hostNames(), optionsJson(call.data)))
    : { verdict: judged(native, call), rules: [], withoutLists: null };
}

function without(data, { code }) {
  return code === 'CWD_NOT_FOUND' ? { ...data, cwd: undefined, env: undefined } : { ...data, env: undefined };
}

function refused({ argv, program, cwd, env, dropped, policy }, { code, message, hint }) {
  return { allowed: false, code, message, rule: null, hint, argv, program, cwd, env, dropped, policy };
}

/** By hand: `JSON.stringify` would ask a polluted `Object.prototype` for `toJSON`. */
function optionsJson(data) {
  const parts = [];
  for (const name of Object.keys(data)) {
    const value = data[name];
    if (value !== undefined) {
      parts.push(`"${name}":${name === 'env' ? pairsJson(value) : JSON.stringify(value)}`);
    }
  }
  return `{${parts.join(',')}}`;
}

function pairsJson(pairs) {
  return `[${pairs.map(([name, value]) => `[${JSON.stringify(name)},${JSON.stringify(value)}]`).join(',')}]`;
}

module.exports = { callOf, callOfShell, explained, hostEnvironment, hostNames, judged, namesThatPass, optionsJson };
