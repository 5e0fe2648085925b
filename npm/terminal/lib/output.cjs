'use strict';

/** The output streams of a process and who reads them: one reader at a time a stream. */

const { Buffer } = require('node:buffer');
const { setImmediate } = require('node:timers');
const { unlessOver } = require('./event_loop.cjs');
const { StateError } = require('./errors.cjs');
const { native: addon } = require('./native.cjs');
const { plain } = require('./text.cjs');

/** As the addon counts them. */
const STREAMS = { stdout: 1, stderr: 2, all: 3 };

/** Chunks that a reader may have without the event loop having its turn. */
const AT_ONCE = 8;

/** A turn of the event loop. */
const turn = () => new Promise((resolve) => setImmediate(resolve, 0));

/** The size of a pipe, and of a chunk of a stream that has shown to be long: larger memory would be mapped anew each time. */
const [SHORT, LONG] = [64 * 1024, 120 * 1024];

/** Reads chunk by chunk what is there; `undefined` if nothing is, `null` at the end. */
function reading() {
  let size = SHORT;
  let spare;
  return (native, streams) => {
    spare ??= Buffer.allocUnsafeSlow(size);
    const read = native.readNow(spare, streams);
    if (read === null) {
      return undefined;
    }
    const { source, length } = read;
    if (source == null) {
      return null;
    }
    const buffer = spare;
    if (length === buffer.length) {
      size = LONG;
    }
    if (length < buffer.length / 2) {
      // Not worth the whole memory, which serves again.
      return { source, data: new Uint8Array(buffer.subarray(0, length)) };
    }
    spare = undefined;
    return { source, data: new Uint8Array(buffer.buffer, 0, length) };
  };
}

/** `{ source, data }`, or `null` at the end, of what `begin` has called back with it. */
function chunkOf(begin) {
  return new Promise((resolve) => {
    begin(unlessOver((source, data) => resolve(source === null ? null : { source, data })));
  });
}

class Output {
  #native;
  #hold;
  #listen;
  #claimed = 0;
  /** What a reader had and did not give away. */
  #returned = [];

  /**
   * @param {object} native the process
   * @param {Hold} hold for what is waited for
   * @param {(() => object) | undefined} listen another handle of the process, for one that is only listened to: its readers
   *   hear all from what was captured on
   */
  constructor(native, hold, listen) {
    this.#native = native;
    this.#hold = hold;
    this.#listen = listen;
  }

  /** @throws {StateError} `LOCKED` */
  claim(from) {
    const streams = STREAMS[from];
    if ((this.#claimed & streams) !== 0) {
      throw new StateError('LOCKED', `Another reader has ${from === 'all' ? 'the output' : from}`);
    }
    this.#claimed |= streams;
    if (this.#listen !== undefined) {
      const heard = this.#listen();
      heard.listen();
      return this.#reader(heard, streams, () => heard.unlisten());
    }
    this.#native.claim(streams, true);
    return this.#reader(this.#native, streams, (closed) => {
      this.#native.claim(streams, false);
      if (closed) this.#native.closeOutput(streams);
    });
  }

  #reader(native, streams, release) {
    const cancellation = new (addon().Cancellation)();
    const isMine = ({ source }) => (STREAMS[source] & streams) !== 0;
    let released = false;
    let atOnce = 0;
    const readNow = reading();
    const next = async () => {
      const at = this.#returned.findIndex(isMine);
      if (at >= 0) {
        return this.#returned.splice(at, 1)[0];
      }
      native.drainUnread();
      let chunk;
      do {
        atOnce = atOnce < AT_ONCE ? atOnce + 1 : await turn();
        chunk = readNow(native, streams);
        if (chunk === undefined) {
          const coming = chunkOf((callback) => native.next(streams, cancellation, callback));
          chunk = await this.#hold.during(coming);
          atOnce = 0;
        }
      } while (chunk !== null && !isMine(chunk));
      if (released && chunk !== null) {
        this.#returned.push(chunk);
        return null;
      }
      return chunk;
    };
    return {
      /** The next chunk; `null` at the end. */
      next,
      /** Gives the streams back, with what was not given away; `closed` closes the pipe. */
      release: (rest = [], closed = false) => {
        if (released) return;
        released = true;
        this.#returned.unshift(...rest.filter(({ data }) => data.length > 0));
        this.#claimed &= ~streams;
        cancellation.cancel();
        release(closed);
      },
    };
  }
}

/** A web stream of what a reader reads. */
function readableOf(reader) {
  const source = {
    async pull(controller) {
      const chunk = await reader.next();
      if (chunk === null) {
        reader.release();
        controller.close();
      } else {
        controller.enqueue(plain(chunk.data));
      }
    },
    cancel() {
      reader.release([], true);
    },
  };
  // Nothing is read ahead of a reader: what waits, waits in the pipe.
  return new ReadableStream(source, { highWaterMark: 0 });
}

module.exports = { AT_ONCE, Output, chunkOf, readableOf, turn };
