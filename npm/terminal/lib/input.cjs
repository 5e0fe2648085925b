'use strict';

/** What may be fed to a child's standard input: at once, or piece by piece as fast as the child reads. */

const { Buffer } = require('node:buffer');
const { clearTimeout, setTimeout } = require('node:timers');
const { types } = require('node:util');

const { linked } = require('./abort.cjs');
const { AbortError, ConfigError, StateError } = require('./errors.cjs');
const { unlessOver } = require('./event_loop.cjs');
const { native: addon } = require('./native.cjs');
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

/**
 * The same of what `hand` hands over, for as long as its caller waits.
 *
 * @param {(cancellation: object | undefined) => Promise<string | null>} hand
 * @param {{ signal?: AbortSignal, timeout?: number }} patience
 * @throws {AbortError | StateError} `TIMEOUT`
 */
async function accepted(hand, { signal, timeout = 0 }) {
  if (signal === undefined && timeout === 0) {
    return hand(undefined);
  }
  const cancellation = new (addon().Cancellation)();
  const unlink = linked(signal, cancellation);
  let late = false;
  const timer = timeout > 0 && setTimeout(() => cancellation.cancel((late = true)), Math.min(timeout, 2 ** 31 - 1));
  try {
    const failure = await hand(cancellation);
    if (failure === 'ABORTED' && late) {
      throw new StateError('TIMEOUT', `The program did not take its input within ${timeout} ms`);
    }
    if (failure === 'ABORTED') {
      throw new AbortError(undefined, { cause: signal.reason });
    }
    return failure;
  } finally {
    unlink();
    clearTimeout(timer);
  }
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

module.exports = { Feeding, accepted, bytesOf, isAtOnce, written };
