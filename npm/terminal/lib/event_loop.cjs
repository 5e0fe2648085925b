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

/** Holds it for as long as there is a reason to, unless it is told not to. */
class Hold {
  #reasons = 0;
  #isWanted = true;
  #letGo;

  begin() {
    this.#reasons += 1;
    this.#follow();
  }

  end() {
    this.#reasons -= 1;
    this.#follow();
  }

  async during(promise) {
    this.begin();
    try {
      return await promise;
    } finally {
      this.end();
    }
  }

  ref() {
    this.#isWanted = true;
    this.#follow();
  }

  unref() {
    this.#isWanted = false;
    this.#follow();
  }

  #follow() {
    if (this.#isWanted && this.#reasons > 0) {
      this.#letGo ??= hold();
    } else {
      this.#letGo?.();
      this.#letGo = undefined;
    }
  }
}

/** Of what the addon calls back with: nothing after the environment's end, when whoever goes on would find the addon gone. */
const unlessOver = (callback) => (first, second) => {
  if (first !== undefined) callback(first, second);
};

/** Tells of a listener's throw, which has nobody else to go to. */
function reportThrow(what, error) {
  process.emitWarning(`${what} threw and is not called again: ${error?.message ?? error}`, {
    type: 'VettyWarning',
    detail: error?.stack,
  });
}

module.exports = { Hold, reportThrow, unlessOver };
