'use strict';

/** The package for `require`, and what `index.js` hands on to `import`: one copy of its state for both. */

const {
  AbortError,
  ConfigError,
  LoadError,
  PolicyError,
  SpawnError,
  StateError,
  TimeoutError,
  VettyError,
  WaitError,
} = require('./lib/errors.cjs');
const { native } = require('./lib/native.cjs');
const { verifyAudit } = require('./lib/audit.cjs');
const { Terminal } = require('./lib/static_side.cjs');

/** Asks the binary, and so loads it. */
function version() {
  return native().version();
}

// Names alone: what reads them without running this sees no others.
module.exports = {
  Terminal,
  VettyError,
  PolicyError,
  ConfigError,
  SpawnError,
  TimeoutError,
  AbortError,
  WaitError,
  StateError,
  LoadError,
  verifyAudit,
  version,
  default: Terminal,
};

// An `import` that a compiler made a `require` takes the default export for the default, not the whole.
Object.defineProperty(module.exports, '__esModule', { value: true });
