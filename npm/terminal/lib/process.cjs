'use strict';

/** A program on pipes: read, written, watched, ended. */

const { StateError } = require('./errors.cjs');
const { accepted, bytesOf, written } = require('./input.cjs');
const { linesOf } = require('./lines.cjs');
const { READ, WRITE, checked } = require('./options.cjs');
const { Output, readableOf } = require('./output.cjs');
const { endedWell, resultOf } = require('./result.cjs');
const { Run } = require('./run.cjs');
const { Decoder } = require('./text.cjs');

const SOURCES = ['stdout', 'stderr'];

class Process extends Run {
  #native;
  #how;
  #output;
  #streams = {};
  #stdin;

  /**
   * @param {object} native the addon's process
   * @param {object} facts id, pid, argv, startedAt
   * @param {object} how encoding, marker, signal, hold, whether it is writable, and `listen` for one that is only listened to
   */
  constructor(native, facts, how) {
    super(native, facts, how.hold);
    this.#native = native;
    this.#how = how;
    this.#output = new Output(native, how.hold, how.listen);
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
    const patience = checked(given, WRITE);
    const bytes = bytesOf(data, 'data');
    const { hold } = this.#how;
    const failure = await accepted((cancellation) => hold.during(written(this.#native, bytes, cancellation)), patience);
    if (failure !== null) {
      throw new StateError('CLOSED', 'The input of the program is closed');
    }
  }

  async end() {
    this.#mustBeWritable();
    await this.#native.end();
  }

  async wait() {
    this.#native.drainUnread();
    const { encoding, marker, signal, hold } = this.#how;
    await hold.during(this.exited);
    const outcome = this.#native.outcome();
    const result = resultOf(JSON.parse(outcome.json).result, outcome, { encoding, marker });
    return endedWell(result, { signal, tolerated: 'killed' });
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

module.exports = { Process };
