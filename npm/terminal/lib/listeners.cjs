'use strict';

/** Callbacks that hear a run's output as text, in order, while it is captured. */

const { chunkOf } = require('./output.cjs');
const { Decoder } = require('./text.cjs');

/** Calls back for each piece, `null` for nobody. */
class Listeners {
  #callbacks;
  #decoders;

  constructor(encoding, stdout, stderr) {
    this.#callbacks = { stdout, stderr };
    this.#decoders = { stdout: new Decoder(encoding), stderr: new Decoder(encoding) };
  }

  hear({ source, data }) {
    this.#tell(source, this.#decoders[source].write(data));
  }

  end() {
    for (const source of ['stdout', 'stderr']) {
      this.#tell(source, this.#decoders[source].end());
    }
  }

  #tell(source, data) {
    if (data !== undefined && data.length > 0) {
      this.#callbacks[source]?.(data);
    }
  }
}

const heard = (native) => chunkOf((callback) => native.nextTapped(callback));

/**
 * Hears a process that is listened to, up to its last byte. Holds no event loop.
 *
 * @throws what a callback throws; then nothing more is heard
 */
async function hearAll(native, listeners) {
  try {
    for (let chunk = await heard(native); chunk !== null; chunk = await heard(native)) {
      listeners.hear(chunk);
    }
    listeners.end();
  } finally {
    native.unlisten();
  }
}

module.exports = { Listeners, hearAll };
