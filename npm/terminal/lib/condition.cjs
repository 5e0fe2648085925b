'use strict';

/** What a session may be waited for, checked and as the addon is told. */

const { types } = require('node:util');

const { ConfigError } = require('./errors.cjs');
const { isPlain, isWellFormed, named, shown } = require('./plain.cjs');

/** Deeper than anybody nests them; a cycle reaches it. */
const MAX_DEPTH = 32;
const FLAGS = /^[imsu]*$/;

/** What each key of a condition becomes. */
const KEYS = {
  output(value, key) {
    if (typeof value === 'string') return { text: value };
    if (types.isUint8Array(value)) return { bytes: String.fromCharCode(...value.subarray(0, MOST_BYTES)) };
    if (types.isRegExp(value)) return { regex: expressionOf(value, key) };
    throw wrong(key, 'a string, a RegExp or a Uint8Array', value);
  },
  text: (value, key) => ({ shown: patternOf(value, key) }),
  gone: (value, key) => ({ gone: patternOf(value, key) }),
  cursor(value, key) {
    if (!isPlain(value)) throw wrong(key, 'an object with row or col', value);
    const names = Object.keys(value).filter((name) => value[name] !== undefined);
    const unknown = names.find((name) => name !== 'row' && name !== 'col');
    if (unknown !== undefined || names.length === 0) throw wrong(key, 'an object with row or col', value);
    for (const name of names) {
      const number = value[name];
      if (!Number.isInteger(number) || number < 0 || number > 999) throw wrong(`${key}.${name}`, 'a whole number from 0 to 999', number);
    }
    const { row, col } = value;
    return { cursor: { row, col } };
  },
  settled(value, key) {
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return { settled: value };
    throw wrong(key, 'milliseconds from 0 on', value);
  },
  exit(value, key) {
    if (value === true) return 'exit';
    throw wrong(key, 'true', value);
  },
  any: (value, key, depth) => ({ any: listOf(value, key, depth) }),
  all: (value, key, depth) => ({ all: listOf(value, key, depth) }),
};
const MOST_BYTES = 64 * 1024;

/**
 * The addon's condition.
 *
 * @throws {ConfigError} naming the part that is wrong
 */
function conditionOf(given, key = 'condition', depth = 0) {
  if (!isPlain(given) || depth > MAX_DEPTH) {
    throw wrong(key, 'a condition: an object with one of the keys ' + Object.keys(KEYS).join(', '), given);
  }
  const parts = [];
  for (const name of Object.keys(given)) {
    const path = `${key}.${name}`;
    if (!Object.hasOwn(KEYS, name)) {
      throw new ConfigError('INVALID_OPTION', path, `${named(path)}: unknown condition, expected ${Object.keys(KEYS).join(', ')}`);
    }
    if (given[name] !== undefined) parts.push(KEYS[name](given[name], path, depth));
  }
  if (parts.length === 0) {
    throw wrong(key, 'a condition: an object with one of the keys ' + Object.keys(KEYS).join(', '), given);
  }
  return parts.length === 1 ? parts[0] : { all: parts };
}

function listOf(value, key, depth) {
  if (!Array.isArray(value) || value.length === 0) {
    throw wrong(key, 'an array of conditions', value);
  }
  return value.map((part, index) => conditionOf(part, `${key}[${index}]`, depth + 1));
}

/**
 * What is looked for on the screen.
 *
 * @param {string} [ignored] a flag that means nothing there
 */
function patternOf(value, key, ignored) {
  if (typeof value === 'string' && value !== '' && isWellFormed(value)) return { text: value };
  if (types.isRegExp(value)) return { regex: expressionOf(value, key, ignored) };
  throw wrong(key, 'a string that is not empty, or a RegExp', value);
}

function expressionOf({ source, flags: given }, key, ignored = '') {
  const flags = ignored === '' ? given : given.replace(ignored, '');
  if (!FLAGS.test(flags)) {
    throw new ConfigError('INVALID_PATTERN', key, `${key}: the flags i, m, s and u are known, got ${shown(flags)}`);
  }
  return { source, flags };
}

function wrong(key, expected, value) {
  return new ConfigError('INVALID_OPTION', key, `${named(key)}: expected ${expected}, got ${shown(value)}`);
}

module.exports = { conditionOf, patternOf };
