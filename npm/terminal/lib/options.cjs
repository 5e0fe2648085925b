'use strict';

/** The options of a call: which there are, and what may stand there. */

const { types } = require('node:util');

const { ConfigError } = require('./errors.cjs');
const { isPlain, named, shown } = require('./plain.cjs');

const ENCODINGS = ['utf8', 'latin1', 'buffer'];

/** A kind of value: what it is called, which values are of it, and how another one is told. */
const kind = (expected, accepts, told = shown) => ({ expected, accepts, told });
const oneOf = (...values) => kind(values.map((value) => `'${value}'`).join(', '), (value) => values.includes(value));

const text = kind('a string', (value) => typeof value === 'string');
const flag = kind('true or false', (value) => typeof value === 'boolean');
const count = kind('a whole number from 0 on', (value) => Number.isSafeInteger(value) && value >= 0);
const size = kind('a whole number from 1 to 1000', (value) => Number.isInteger(value) && value >= 1 && value <= 1000);
const pixels = kind('a whole number from 0 to 65535', (value) => Number.isInteger(value) && value >= 0 && value <= 65535);
const callback = kind('a function', (value) => typeof value === 'function');
const variables = kind(
  'an object of strings',
  isPlain,
  // A text may be `NAME=value`, and values of variables are never told.
  (value) => (typeof value === 'string' ? 'a string' : shown(value)),
);
const signal = kind(
  'an AbortSignal',
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    typeof value.aborted === 'boolean' &&
    typeof value.addEventListener === 'function',
);
const input = kind('a string, a Uint8Array, a ReadableStream or an async iterable', isInput);

const LEVELS = ['filter', 'confine', 'isolate'];
const sandbox = kind(`an object with level (${LEVELS.map((level) => `'${level}'`).join(', ')}) or network ('none')`, isStricter);

const CHECK = { cwd: text, env: variables, sandbox };
const CALL = { cwd: text, env: variables, timeout: count, signal, sandbox };
const EXECUTE = {
  ...CALL,
  encoding: oneOf(...ENCODINGS),
  input,
  maxBytes: count,
  background: flag,
  stream: flag,
  onStdout: callback,
  onStderr: callback,
  onExit: callback,
};
const SPAWN = {
  ...CALL,
  encoding: oneOf(...ENCODINGS),
  input: kind(`'pipe', ${input.expected}`, isInput),
  stderr: oneOf('pipe', 'merge', 'ignore'),
  maxBytes: count,
};
const OPEN = {
  ...CALL,
  encoding: oneOf(...ENCODINGS),
  cols: size,
  rows: size,
  term: text,
  screen: flag,
  replies: kind('an object of device, colors, winops, clipboard, screen, each true or false', isReplies),
};
const SIZE = { cols: size, rows: size, width: pixels, height: pixels };
const WRITE = { signal, timeout: count };
const TYPE = { ...WRITE, secret: flag };
const TAP = { replay: flag, maxBytes: kind('a whole number from 1 on', (value) => Number.isSafeInteger(value) && value >= 1), signal };
const SEND = { ...TYPE, enter: flag, until: kind('a condition', isPlain) };
const WAIT = { signal, timeout: count };
const READ = { from: oneOf('stdout', 'stderr', 'all') };
const NONE = {};
const HANDLERS = { onApproval: callback, approvalTimeout: count, onAudit: callback };

function isStricter(value) {
  const fits = (key) => {
    const given = value[key];
    return given === undefined || (key === 'level' && LEVELS.includes(given)) || (key === 'network' && given === 'none');
  };
  return isPlain(value) && Object.keys(value).every(fits);
}

const REPLIES = ['device', 'colors', 'winops', 'clipboard', 'screen'];

function isReplies(value) {
  const fits = (key) => REPLIES.includes(key) && [undefined, true, false].includes(value[key]);
  return isPlain(value) && Object.keys(value).every(fits);
}

function isInput(value) {
  return (
    typeof value === 'string' ||
    types.isUint8Array(value) ||
    (typeof value === 'object' &&
      value !== null &&
      (typeof value.getReader === 'function' || typeof value[Symbol.asyncIterator] === 'function'))
  );
}

/**
 * A checked copy of `given`: own properties that are not `undefined`.
 *
 * @throws {ConfigError} naming the option that is unknown or of a wrong type
 */
function checked(given, known, name = 'options') {
  const options = Object.create(null);
  if (given === undefined) {
    return options;
  }
  if (!isPlain(given)) {
    throw new ConfigError('INVALID_OPTION', name, `${name}: expected an object, got ${shown(given)}`);
  }
  for (const key of Object.keys(given)) {
    const path = `${name}.${key}`;
    if (!Object.hasOwn(known, key)) {
      const names = Object.keys(known);
      const expected = names.length === 0 ? 'none' : names.join(', ');
      throw new ConfigError('INVALID_OPTION', path, `${named(path)}: unknown option, expected ${expected}`);
    }
    const value = given[key];
    if (value === undefined) {
      continue;
    }
    const { expected, accepts, told } = known[key];
    if (!accepts(value)) {
      throw new ConfigError('INVALID_OPTION', path, `${path}: expected ${expected}, got ${told(value)}`);
    }
    options[key] = value;
  }
  return options;
}

module.exports = { CHECK, EXECUTE, HANDLERS, OPEN, READ, SEND, SIZE, SPAWN, TAP, TYPE, WAIT, WRITE, checked, count, flag, kind, oneOf, signal };
