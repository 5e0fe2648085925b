'use strict';

/** What may be fed to a child's standard input: at once, or piece by piece as fast as the child reads. */

const { Buffer } = require('node:buffer');
const { types } = require('node:util');

const { ConfigError } = require('./errors.cjs');
const { unlessOver } = require('./event_loop.cjs');
const { shown } = require('./plain.cjs');

const isAtOnce = (input) => typeof input === 'string' || types.isUint8Array(input);

/** A `Uint8Array`; the addon copies it. */
function bytesOf(data, name) {
  if (typeof data === 'string') {
    return Buffer.from(data, 'utf8');
  }
  if (!types.isUint8Array(data)) {
    throw new ConfigError('INVALID_OPTION', name, `${name}: expected a string or a Uint8Array, got ${shown(data)}`);
  }
  return data;
}

/** Why not all of `bytes` was accepted; `null` if it was. Holds no event loop. */
function written(native, bytes, cancellation) {
  return new Promise((resolve) => native.write(bytes, cancellation, unlessOver(resolve)));
}

/** Feeds a child from a stream, then closes its input. A child that does not want it all is no error. */
class Feeding {
  #native;
  #pieces;
  #over = false;

  /**
   * @param {object} native the process
   * @param {ReadableStream | AsyncIterable} source released in any case
   * @param {(error: unknown) => void} failed told what the source throws while the child runs, which must end the child
   */
  constructor(native, source, failed) {
    this.#native = native;
    this.#feed(source).catch((error) => {
      if (this.#over) return;
      // The input stays open until the program has ended: it must not take a part for the whole.
      this.#release();
      failed(error);
    });
  }

  async #feed(source) {
    this.#pieces = typeof source[Symbol.asyncIterator] === 'function' ? source[Symbol.asyncIterator]() : piecesOf(source);
    while (this.#pieces !== undefined) {
      const { done, value } = await this.#pieces.next();
      if (done || this.#over || (await written(this.#native, bytesOf(value, 'options.input'))) !== null) {
        break;
      }
    }
    this.stop();
  }

  /** Also while the source is silent: nobody waits for it. */
  stop() {
    if (!this.#over) {
      this.#over = true;
      this.#native.end();
      this.#release();
    }
  }

  #release() {
    const pieces = this.#pieces;
    this.#pieces = undefined;
    (async () => pieces?.return?.())().catch(() => {});
  }
}

/** For streams that are not async iterables themselves. */
function piecesOf(stream) {
  const reader = stream.getReader();
  return { next: () => reader.read(), return: () => reader.cancel() };
}

module.exports = { Feeding, bytesOf, isAtOnce, written };
