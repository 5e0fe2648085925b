'use strict';

/** A policy that stands in a file: read, put together and tested by the addon. */

const { fileURLToPath } = require('node:url');

const { ConfigError, fromNative } = require('./errors.cjs');
const { native } = require('./native.cjs');
const { isWellFormed, shown } = require('./plain.cjs');

/** What a terminal is made of in the place of a configuration. */
class LoadedPolicy {
  constructor(terminal) {
    this.terminal = terminal;
  }
}

/**
 * @param {string | URL} path
 * @throws {ConfigError} naming the file and the key
 */
async function loadPolicy(path) {
  const name = nameOf(path);
  const { NativeTerminal } = native();
  try {
    return new LoadedPolicy(await NativeTerminal.load(name));
  } catch (error) {
    // Made here, so that the stack shows who asked.
    throw factsOf(error);
  }
}

function nameOf(path) {
  const name = path instanceof URL && path.protocol === 'file:' ? fileURLToPath(path) : path;
  if (typeof name !== 'string' || name === '' || name.includes('\0') || !isWellFormed(name)) {
    throw new ConfigError('INVALID_OPTION', 'path', `path: expected a file's name or its file: URL, got ${shown(path)}`);
  }
  return name;
}

function factsOf(error) {
  try {
    return fromNative(JSON.parse(error.message));
  } catch {
    return error;
  }
}

module.exports = { LoadedPolicy, loadPolicy };
