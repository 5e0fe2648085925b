'use strict';

/** What a session may be waited for, checked and as the addon is told. */

const { types } = require('node:util');

const { ConfigError } = require('./errors.cjs');
const { isPlain, named, shown } = require('./plain.cjs');

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

function expressionOf({ source, flags }, key) {
  if (!FLAGS.test(flags)) {
    throw new ConfigError('INVALID_PATTERN', key, `${key}: the flags i, m, s and u are known, got ${shown(flags)}`);
  }
  return { source, flags };
}

function wrong(key, expected, value) {
  return new ConfigError('INVALID_OPTION', key, `${named(key)}: expected ${expected}, got ${shown(value)}`);
}

module.exports = { conditionOf };
