'use strict';

/** The errors a user of the package can match on: by `code`, or by class with `VettyError.is`. */

// Registered, so that errors of another copy of the package, or of another realm, are known as well.
const BRAND = Symbol.for('@vetty/terminal.error');

class VettyError extends Error {
  /**
   * @param {string} code stable, for programs
   * @param {string} message for the person who reads it
   * @param {ErrorOptions} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.code = code;
  }

  static is(value) {
    return typeof value === 'object' && value !== null && value[BRAND] === true;
  }

  toJSON() {
    return { name: this.name, code: this.code, message: this.message, ...this };
  }
}

/** Refused by the policy; nothing was spawned. */
class PolicyError extends VettyError {
  constructor(verdict) {
    super(verdict.code, verdict.message);
    this.verdict = verdict;
  }
}

/** A wrong configuration, option or argument; `key` names it, and `file` the policy file that it stands in. */
class ConfigError extends VettyError {
  constructor(code, key, message, file = null) {
    super(code, message);
    this.key = key;
    this.file = file;
  }
}

/** The kernel refused; nothing is left behind. */
class SpawnError extends VettyError {
  constructor(code, message, { errno, syscall, path, phase }) {
    super(code, message);
    // Negative, as Node's own errors have it.
    this.errno = -errno;
    this.syscall = syscall;
    this.path = path;
    this.phase = phase;
  }
}

/** Ended because its time, or another limit, was over. */
class TimeoutError extends VettyError {
  constructor(message, limit, result) {
    super('TIMEOUT', message);
    this.limit = limit;
    this.result = result;
  }
}

/** Ended by an `AbortSignal` or by its id. */
class AbortError extends VettyError {
  /**
   * @param {object} [result] what there was until then; absent if nothing was spawned
   * @param {{ cause: unknown }} [options] the signal's reason
   */
  constructor(result, options) {
    super('ABORT_ERR', 'Process was aborted', options);
    if (result !== undefined) {
      this.result = result;
    }
  }
}

/** A handle that is used in a way its state forbids. */
class StateError extends VettyError {}

/** A wait that did not come true. */
class WaitError extends VettyError {
  /** @param {object} facts what was waited for, what was shown, since when nothing has changed, who has the terminal */
  constructor(code, message, { condition, screen, idleMs, foreground }) {
    super(code, message);
    this.condition = condition;
    this.screen = screen;
    this.idleMs = idleMs;
    this.foreground = foreground;
  }
}

/** The native binary is missing or does not fit. */
class LoadError extends VettyError {}

/** What is no field of an instance stays out of `toJSON` and of what a debugger lists. */
function onPrototype(constructor, key, value) {
  Object.defineProperty(constructor.prototype, key, { value, configurable: true, writable: true });
}

const classes = { VettyError, PolicyError, ConfigError, SpawnError, TimeoutError, AbortError, WaitError, StateError, LoadError };
onPrototype(VettyError, BRAND, true);
for (const [name, constructor] of Object.entries(classes)) {
  onPrototype(constructor, 'name', name);
}

/** The error of which the addon gave the facts; `result` is what the run had until then. */
function fromNative(facts, result) {
  switch (facts.kind) {
    case 'PolicyError':
      return new PolicyError(facts.verdict);
    case 'ConfigError':
      return new ConfigError(facts.code, facts.key, facts.message, facts.file);
    case 'SpawnError':
      return new SpawnError(facts.code, facts.message, facts);
    case 'TimeoutError':
      return new TimeoutError(facts.message, facts.limit, result);
    case 'AbortError':
      return new AbortError(result);
    case 'StateError':
      return new StateError(facts.code, facts.message);
    default:
      return new VettyError(facts.code, facts.message);
  }
}

module.exports = { ...classes, fromNative };
