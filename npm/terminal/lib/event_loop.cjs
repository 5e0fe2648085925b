'use strict';

/** Keeps the event loop alive for as long as something runs that asks for it. */

const { clearInterval, setInterval } = require('node:timers');

const LONGEST = 2 ** 31 - 1;

let held = 0;
let timer;

/** @returns {() => void} lets go; a second call does nothing */
function hold() {
  held += 1;
  timer ??= setInterval(() => {}, LONGEST);
  let released = false;
  return () => {
    if (released) return;
    released = true;
    held -= 1;
    if (held === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Tells of a listener's throw, which has nobody else to go to. */
function reportThrow(what, error) {
  process.emitWarning(`${what} threw and is not called again: ${error?.message ?? error}`, {
    type: 'VettyWarning',
    detail: error?.stack,
  });
}

module.exports = { hold, reportThrow };
