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

/** What is no field of an instance stays out of `toJSON` and of what a debugger lists. */
function onPrototype(constructor, key, value) {
  Object.defineProperty(constructor.prototype, key, { value, configurable: true, writable: true });
}

onPrototype(VettyError, BRAND, true);
onPrototype(VettyError, 'name', 'VettyError');

class LoadError extends VettyError {}
onPrototype(LoadError, 'name', 'LoadError');

module.exports = { VettyError, LoadError };
