'use strict';

/** Copies what a caller gives into JSON text: own properties only, nothing that JSON would change or leave out silently. */

const { ConfigError } = require('./errors.cjs');

/** Deeper than any configuration; a cycle reaches it. */
const MAX_DEPTH = 32;

/** Whether a text has no lone surrogate. */
const isWellFormed =
  typeof String.prototype.isWellFormed === 'function'
    ? (text) => text.isWellFormed()
    : (text) => !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);

/** Characters of what a caller gave that a message shows at most. */
const MAX_SHOWN = 60;

/** Without characters that act on a terminal or do not show. */
function printable(text) {
  return text.replace(/[\p{C}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0).toString(16)}}`);
}

/** The name of a key, for messages. */
function named(key) {
  return printable(key.length > 2 * MAX_SHOWN ? `${key.slice(0, 2 * MAX_SHOWN)}...` : key);
}

/** A value in few words, for messages that say what was got. */
function shown(value) {
  switch (typeof value) {
    case 'string':
      return printable(JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}...` : value));
    case 'bigint':
      return `${value}n`;
    case 'function':
      return 'a function';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? 'an array' : `an object${ofClass(value)}`;
    default:
      return String(value);
  }
}

function ofClass(value) {
  const name = Object.prototype.toString.call(value).slice(8, -1);
  return name === 'Object' ? '' : ` (${named(name)})`;
}

/** An object whose own properties are all there is to it, unlike a `Map`. */
function isPlain(value) {
  return typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Object]';
}

/**
 * @param {unknown} value an object, or `undefined` for `{}`
 * @returns {string} JSON
 * @throws {ConfigError} naming the key of what is no data
 */
function configurationAsJson(value) {
  if (value === undefined) {
    return '{}';
  }
  if (!isPlain(value)) {
    throw wrong('', 'an object', value);
  }
  return asJson(value, '', 0);
}

function asJson(value, key, depth) {
  if (depth > MAX_DEPTH) {
    throw new ConfigError('INVALID_CONFIG', key, `${named(key)}: expected plain data, got a structure of more than ${MAX_DEPTH} levels`);
  }
  switch (typeof value) {
    case 'boolean':
      return String(value);
    case 'number':
      if (!Number.isFinite(value)) throw wrong(key, 'a whole number', value);
      return String(value);
    case 'string':
      if (!isWellFormed(value)) throw wrong(key, 'well-formed text', value);
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return arrayAsJson(value, key, depth);
      if (!isPlain(value)) throw wrong(key, 'plain data', value);
      return objectAsJson(value, key, depth);
    default:
      throw wrong(key, 'plain data', value);
  }
}

function arrayAsJson(array, key, depth) {
  const parts = [];
  for (let index = 0; index < array.length; index += 1) {
    parts.push(asJson(array[index], `${key}[${index}]`, depth + 1));
  }
  return `[${parts.join(',')}]`;
}

function objectAsJson(object, key, depth) {
  const parts = [];
  for (const name of Object.keys(object)) {
    const value = object[name];
    if (value !== undefined) {
      const text = asJson(value, key === '' ? name : `${key}.${name}`, depth + 1);
      parts.push(`${asJson(name, key, depth)}:${text}`);
    }
  }
  return `{${parts.join(',')}}`;
}

function wrong(key, expected, value) {
  const message = `${key === '' ? 'configuration' : named(key)}: expected ${expected}, got ${shown(value)}`;
  return new ConfigError('INVALID_CONFIG', key, message);
}

/** `changes` on top of `base`: objects key by key, all else replaced. Both are what `JSON.parse` made. */
function merged(base, changes) {
  const result = new Map(Object.entries(base));
  for (const [name, value] of Object.entries(changes)) {
    const before = result.get(name);
    result.set(name, isObject(before) && isObject(value) ? merged(before, value) : value);
  }
  return Object.fromEntries(result);
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same data, which nobody can change any more. */
function deepFrozen(value) {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFrozen);
    Object.freeze(value);
  }
  return value;
}

module.exports = { configurationAsJson, deepFrozen, isPlain, isWellFormed, merged, named, shown };
