'use strict';

/** The package for `require`, and what `index.js` hands on to `import`: one copy of its state for both. */

const errors = require('./lib/errors.cjs');
const { native } = require('./lib/native.cjs');
const { Terminal } = require('./lib/terminal.cjs');

/** Asks the binary, and so loads it. */
function version() {
  return native().version();
}

module.exports = {
  Terminal,
  default: Terminal,
  VettyError: errors.VettyError,
  PolicyError: errors.PolicyError,
  ConfigError: errors.ConfigError,
  SpawnError: errors.SpawnError,
  TimeoutError: errors.TimeoutError,
  AbortError: errors.AbortError,
  StateError: errors.StateError,
  LoadError: errors.LoadError,
  version,
};
