'use strict';

/** The package for `require`, and what `index.js` hands on to `import`: one copy of its state for both. */

const { VettyError, LoadError } = require('./lib/errors.cjs');
const { native } = require('./lib/native.cjs');

/** Asks the binary, and so loads it. */
function version() {
  return native().version();
}

module.exports = { VettyError, LoadError, version };
