'use strict';

/** What a program on pipes and one on a terminal have in common: who it is, how it ends. */

const { ConfigError } = require('./errors.cjs');
const { unlessOver } = require('./event_loop.cjs');
const { native: addon } = require('./native.cjs');
const { checked, count, kind } = require('./options.cjs');
const { shown } = require('./plain.cjs');

class Run {
  #native;
  #facts;
  #hold;
  #exited;

  /**
   * @param {object} native the addon's process
   * @param {object} facts id, pid, argv
   * @param {Hold} hold of the event loop
   */
  constructor(native, facts, hold) {
    this.#native = native;
    this.#facts = facts;
    this.#hold = hold;
    this.#exited = new Promise((resolve) => {
      const ended = native.ended();
      if (ended === null) {
        native.watch(unlessOver((exit) => resolve(JSON.parse(exit))));
      } else {
        resolve(JSON.parse(ended));
      }
    });
  }

  get id() {
    return this.#facts.id;
  }

  get pid() {
    return this.#facts.pid;
  }

  get argv() {
    return this.#facts.argv;
  }

  get startedAt() {
    return new Date(this.#facts.startedAt);
  }

  get exitCode() {
    return this.#exit()?.exitCode ?? null;
  }

  get signalCode() {
    return this.#exit()?.signal ?? null;
  }

  get exited() {
    return this.#exited;
  }

  signal(name) {
    const { expected, accepts } = signalName();
    if (!accepts(name)) {
      throw new ConfigError('INVALID_OPTION', 'signal', `signal: expected ${expected}, got ${shown(name)}`);
    }
    return this.#native.signal(name);
  }

  async kill(given) {
    const { signal, grace } = checked(given, { signal: signalName(), grace: count });
    this.#native.kill(signal, grace);
    return this.#exited;
  }

  ref() {
    this.#hold.ref();
    return this;
  }

  unref() {
    this.#hold.unref();
    return this;
  }

  async [Symbol.asyncDispose]() {
    await this.kill();
  }

  #exit() {
    const exit = this.#native.exit();
    return exit === null ? null : JSON.parse(exit);
  }
}

let known;
function signalName() {
  known ??= new Set(addon().signals());
  return kind("a signal's name such as 'SIGTERM'", (value) => known.has(value));
}

module.exports = { Run };
