'use strict';

/** A program on pipes: read, written, watched, ended. */

const { linked } = require('./abort.cjs');
const { AbortError, ConfigError, StateError } = require('./errors.cjs');
const { unlessOver } = require('./event_loop.cjs');
const { bytesOf, written } = require('./input.cjs');
const { linesOf } = require('./lines.cjs');
const { native: addon } = require('./native.cjs');
const { READ, WRITE, checked, count, kind } = require('./options.cjs');
const { Output } = require('./output.cjs');
const { shown } = require('./plain.cjs');
const { endedWell, resultOf } = require('./result.cjs');
const { Decoder, plain } = require('./text.cjs');
const { clearTimeout, setTimeout } = require('node:timers');

const SOURCES = ['stdout', 'stderr'];

class Process {
  #native;
  #facts;
  #how;
  #output;
  #exited;
  #streams = {};
  #stdin;

  /**
   * @param {object} native the addon's process
   * @param {object} facts id, pid, argv, startedAt
   * @param {object} how encoding, marker, signal, hold, whether it is writable, and `listen` for one that is only listened to
   */
  constructor(native, facts, how) {
    this.#native = native;
    this.#facts = facts;
    this.#how = how;
    this.#output = new Output(native, how.hold, how.listen);
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

  get stdout() {
    return this.#readable('stdout');
  }

  get stderr() {
    return this.#readable('stderr');
  }

  get stdin() {
    this.#mustBeWritable();
    this.#stdin ??= new WritableStream({
      write: (data) => this.write(data),
      close: () => this.end(),
      abort: () => this.end(),
    });
    return this.#stdin;
  }

  async *[Symbol.asyncIterator]() {
    const reader = this.#output.claim('all');
    const { encoding } = this.#how;
    const decoders = { stdout: new Decoder(encoding), stderr: new Decoder(encoding) };
    try {
      for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
        const { source } = chunk;
        const data = decoders[source].write(chunk.data);
        if (data.length > 0) yield { source, data };
      }
      for (const source of SOURCES) {
        const data = decoders[source].end();
        if (data !== undefined) yield { source, data };
      }
    } finally {
      reader.release(SOURCES.map((source) => ({ source, data: decoders[source].takeBack() })));
    }
  }

  lines(given) {
    const { from = 'all' } = checked(given, READ);
    const claim = () => this.#output.claim(from);
    return (async function* () {
      yield* linesOf(claim());
    })();
  }

  async write(data, given) {
    this.#mustBeWritable();
    const { signal, timeout = 0 } = checked(given, WRITE);
    const bytes = bytesOf(data, 'data');
    const cancellation = new (addon().Cancellation)();
    const unlink = linked(signal, cancellation);
    let late = false;
    const timer = timeout > 0 && setTimeout(() => cancellation.cancel((late = true)), Math.min(timeout, 2 ** 31 - 1));
    try {
      const failure = await this.#how.hold.during(written(this.#native, bytes, cancellation));
      if (failure === 'ABORTED' && late) {
        throw new StateError('TIMEOUT', `The program did not take its input within ${timeout} ms`);
      }
      if (failure === 'ABORTED') {
        throw new AbortError(undefined, { cause: signal.reason });
      }
      if (failure !== null) {
        throw new StateError('CLOSED', 'The input of the program is closed');
      }
    } finally {
      unlink();
      clearTimeout(timer);
    }
  }

  async end() {
    this.#mustBeWritable();
    await this.#native.end();
  }

  async wait() {
    this.#native.drainUnread();
    const { encoding, marker, signal, hold } = this.#how;
    await hold.during(this.#exited);
    const outcome = this.#native.outcome();
    const result = resultOf(JSON.parse(outcome.json).result, outcome, { encoding, marker });
    return endedWell(result, { signal, tolerated: 'killed' });
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
    this.#how.hold.ref();
    return this;
  }

  unref() {
    this.#how.hold.unref();
    return this;
  }

  async [Symbol.asyncDispose]() {
    await this.kill();
  }

  #exit() {
    const exit = this.#native.exit();
    return exit === null ? null : JSON.parse(exit);
  }

  #mustBeWritable() {
    if (this.#how.writable !== true) {
      throw new StateError('CLOSED', "The program has no input to write to: spawn it with `input: 'pipe'`");
    }
  }

  #readable(source) {
    this.#streams[source] ??= readableOf(this.#output.claim(source));
    return this.#streams[source];
  }
}

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

let known;
function signalName() {
  known ??= new Set(addon().signals());
  return kind("a signal's name such as 'SIGTERM'", (value) => known.has(value));
}

module.exports = { Process };
