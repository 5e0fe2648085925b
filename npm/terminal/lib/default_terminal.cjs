'use strict';

/** The default terminal of a realm, shared by the entries and by further copies of the package. */

const { isMainThread } = require('node:worker_threads');

const { ConfigError } = require('./errors.cjs');
const { native } = require('./native.cjs');
const { configurationAsJson, merged } = require('./plain.cjs');

const PLACE = Symbol.for('@vetty/terminal.default/1');
// Registered: the terminal may be of another copy of the package.
const KILL_ALL = Symbol.for('@vetty/terminal.killAll');
const AUDIT_LOCK = Symbol.for('@vetty/terminal.auditLock');
/** Of a terminal that takes another one's place. */
const REPLACES = Symbol('replaces');
const RESOLVED = Symbol.for('@vetty/terminal.resolved');

class DefaultTerminal {
  #make;
  #terminal;
  #given;
  #handlers;
  #locked;
  /** Those of earlier configurations that still run or list something. */
  #former = [];

  /** @param {(config: object, handlers: unknown) => object} make a terminal */
  static ofThisRealm(make) {
    if (globalThis[PLACE] === undefined) {
      Object.defineProperty(globalThis, PLACE, { value: new DefaultTerminal(make) });
    }
    return globalThis[PLACE];
  }

  constructor(make) {
    const locked = isMainThread ? null : native().lockedConfig();
    this.#make = make;
    this.#locked = locked !== null;
    this.#given = locked === null ? {} : JSON.parse(locked);
  }

  /** Made at its first use; one that was never configured permits nothing. */
  get current() {
    this.#terminal ??= this.#make(this.#given, this.#handlers);
    return this.#terminal;
  }

  get locked() {
    return this.#locked;
  }

  /** All that may know an id, the present one last. */
  get terminals() {
    this.#former = this.#former.filter((terminal) => terminal.getList().length > 0);
    return [...this.#former, this.current];
  }

  /** The one that lists `id`, else the present one. */
  of(id) {
    return this.#former.find((terminal) => terminal.getList().some((item) => item.id === id)) ?? this.current;
  }

  initialize(config, handlers) {
    this.#replace(JSON.parse(configurationAsJson(config)), handlers, undefined);
  }

  setConfig(changes) {
    this.#replace(merged(this.#given, JSON.parse(configurationAsJson(changes))), this.#handlers, REPLACES);
  }

  lock() {
    // Workers build their own of it; what a worker locks is its own affair.
    if (isMainThread && !this.#locked) {
      native().lockConfig(JSON.stringify(this.current[RESOLVED]()));
    }
    if (!this.#locked) this.current[AUDIT_LOCK]?.();
    this.#locked = true;
  }

  #replace(given, handlers, replaces) {
    if (this.#locked) {
      throw new ConfigError('LOCKED', '', 'The policy of the default terminal is locked');
    }
    const made = this.#make(given, handlers, replaces);
    if (this.#terminal !== undefined) {
      this.#former.push(this.#terminal);
    }
    this.#terminal = made;
    this.#given = given;
    this.#handlers = handlers;
  }
}

module.exports = { AUDIT_LOCK, DefaultTerminal, KILL_ALL, REPLACES, RESOLVED };
