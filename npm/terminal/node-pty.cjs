'use strict';

/** The package's entry in the shape of node-pty, for `require`. */

const { spawn } = require('./lib/node_pty.cjs');

module.exports = { spawn, default: { spawn } };

Object.defineProperty(module.exports, '__esModule', { value: true });
