'use strict';

/** Loaded before node-pty's own tests: what they take for their terminal is ours. */

const Module = require('node:module');

const { Pty } = require('../../npm/terminal/lib/node_pty.cjs');
const entry = require('../../npm/terminal/node-pty.cjs');

const ours = { './unixTerminal': { UnixTerminal: Pty }, './lib/index': entry };
const load = Module._load;
Module._load = function (request, parent, ...rest) {
  const isTheirs = /\.test\.js$|\[eval\]/.test(parent?.filename ?? parent?.id ?? '');
  return isTheirs && Object.hasOwn(ours, request) ? ours[request] : load.call(this, request, parent, ...rest);
};
