'use strict';

/** A program on a terminal: read, typed to, waited for, ended. */

const { Buffer } = require('node:buffer');

const { linked } = require('./abort.cjs');
const { conditionOf } = require('./condition.cjs');
const { AbortError, ConfigError, StateError, WaitError, fromNative } = require('./errors.cjs');
const { unlessOver } = require('./event_loop.cjs');
const { accepted, bytesOf } = require('./input.cjs');
const { native: addon } = require('./native.cjs');
const { NONE, SEND, SIZE, TAP, TYPE, WAIT, WRITE, checked } = require('./options.cjs');
const { AT_ONCE, readableOf, turn } = require('./output.cjs');
const { isWellFormed, shown } = require('./plain.cjs');
const { mouseJson } = require('./mouse.cjs');
const { Run } = require('./run.cjs');
const { Screen } = require('./screen.cjs');
const { SessionEvents } = require('./session_events.cjs');
const { Decoder } = require('./text.cjs');

class Session extends Run {
  #native;
  #hold;
  #encoding;
  /** What a reader had and did not give away. */
  #returned = [];
  #readable;
  #writable;
  #screen;
  #events;

  /**
   * @param {object} native the addon's session
   * @param {object} process the addon's process
   * @param {object} facts id, pid, argv
   * @param {{ encoding: string, hold: Hold }} how
   */
  constructor(native, process, facts, { encoding, hold }) {
    super(process, facts, hold);
    this.#native = native;
    this.#hold = hold;
    this.#encoding = encoding;
    this.#events = new SessionEvents(native, hold);
  }

  get size() {
    const [cols, rows] = this.#native.size();
    return { cols, rows };
  }

  get screen() {
    if (this.#screen === undefined) {
      const screen = this.#native.screen();
      if (screen === null) {
        throw new StateError('UNSUPPORTED', 'The session has no screen: it was opened without one');
      }
      this.#screen = new Screen(screen);
    }
    return this.#screen;
  }

  get lost() {
    return this.#native.lost();
  }

  get readable() {
    this.#readable ??= readableOf(this.#claim());
    return this.#readable;
  }

  get writable() {
    this.#writable ??= new WritableStream({ write: (data) => this.write(data) });
    return this.#writable;
  }

  async *[Symbol.asyncIterator]() {
    const reader = this.#claim();
    const decoder = new Decoder(this.#encoding);
    try {
      for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
        const data = decoder.write(chunk.data);
        if (data.length > 0) yield data;
      }
      const rest = decoder.end();
      if (rest !== undefined) yield rest;
    } finally {
      reader.release(decoder.takeBack());
    }
  }

  async *tap(given) {
    const { replay = false, maxBytes = 1024 * 1024, signal } = checked(given, TAP);
    let look = () => {};
    const tap = this.#native.tap(maxBytes, replay, unlessOver(() => look()));
    const unlink = linked(signal, { cancel: () => (tap.close(), look()) });
    const decoder = new Decoder(this.#encoding);
    try {
      for (let heard = tap.read(); heard !== null; heard = tap.read()) {
        if (heard === undefined) {
          await this.#hold.during(new Promise((resolve) => (look = resolve)));
          continue;
        }
        if (heard.lag > 0) decoder.takeBack();
        const data = decoder.write(heard.data);
        if (data.length > 0 || heard.lag > 0) yield { data, lag: heard.lag };
      }
      if (signal?.aborted) {
        throw new AbortError(undefined, { cause: signal.reason });
      }
      const rest = decoder.end();
      if (rest !== undefined) yield { data: rest, lag: 0 };
    } finally {
      unlink();
      tap.close();
    }
  }

  async write(data, given) {
    const bytes = bytesOf(data, 'data');
    const { secret = false, ...patience } = checked(given, TYPE);
    const hand = secret
      ? (...rest) => this.#native.writeSecret(bytes, false, ...rest)
      : (...rest) => this.#native.write(bytes, ...rest);
    await this.#handed(hand, patience);
  }

  async send(text, given) {
    const { until, enter = false, secret = false, ...patience } = checked(given, SEND);
    const typed = textOf(text) + (enter ? '\n' : '');
    if (until !== undefined) {
      return this.#waited(until, 'options.until', patience, typed, secret);
    }
    const hand = secret
      ? (...rest) => this.#native.writeSecret(Buffer.from(typed, 'utf8'), true, ...rest)
      : (...rest) => this.#native.send(typed, ...rest);
    await this.#handed(hand, patience);
  }

  async paste(text, given) {
    const pasted = textOf(text);
    await this.#handed((...rest) => this.#native.paste(pasted, ...rest), checked(given, WRITE));
  }

  async press(...keys) {
    keys.forEach((key, index) => {
      if (typeof key !== 'string' || !isWellFormed(key)) {
        throw new ConfigError('INVALID_OPTION', `keys[${index}]`, `keys[${index}]: expected a key's name, got ${shown(key)}`);
      }
    });
    await this.#handed((_, callback) => this.#native.press(keys, callback), {});
  }

  async mouse(event) {
    const json = mouseJson(event);
    await this.#handed((_, callback) => this.#native.mouse(json, callback), {});
  }

  async focus(focused) {
    if (typeof focused !== 'boolean') {
      throw new ConfigError('INVALID_OPTION', 'focused', `focused: expected true or false, got ${shown(focused)}`);
    }
    await this.#handed((_, callback) => this.#native.focus(focused, callback), {});
  }

  on(type, listener, options) {
    return this.#events.on(type, listener, options);
  }

  async resize(given) {
    const { cols, rows, width = 0, height = 0 } = checked(given, SIZE, 'size');
    for (const [name, value] of Object.entries({ cols, rows })) {
      if (value === undefined) {
        throw new ConfigError('INVALID_OPTION', `size.${name}`, `size.${name}: expected ${SIZE[name].expected}, got undefined`);
      }
    }
    await this.#handed((_, callback) => this.#native.resize(cols, rows, width, height, callback), {});
  }

  async wait(condition, given) {
    return this.#waited(condition, 'condition', checked(given, WAIT));
  }

  async foreground(given) {
    checked(given, NONE);
    return JSON.parse(this.#native.foreground());
  }

  async close() {
    return this.kill({ signal: 'SIGHUP' });
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }

  /** @throws {StateError} `LOCKED` */
  #claim() {
    let waiting;
    let released = false;
    const lookAgain = () => {
      waiting?.();
      waiting = undefined;
    };
    if (!this.#native.claim(unlessOver(lookAgain))) {
      throw new StateError('LOCKED', 'Another reader has the output');
    }
    let atOnce = 0;
    return {
      /** The next piece; `null` at the end. */
      next: async () => {
        while (!released) {
          atOnce = atOnce < AT_ONCE ? atOnce + 1 : await turn();
          const data = this.#returned.shift() ?? this.#native.read();
          if (data !== undefined) {
            return data === null ? null : { data };
          }
          await this.#hold.during(new Promise((resolve) => (waiting = resolve)));
          atOnce = 0;
        }
        return null;
      },
      /** Gives the output back, with what was not given away. */
      release: (...rest) => {
        if (released) return;
        released = true;
        const ahead = this.#native.release();
        this.#returned.push(...[...rest.flat(), ahead].filter((data) => data?.length > 0));
        lookAgain();
      },
    };
  }

  async #handed(hand, patience) {
    const begun = (cancellation) => new Promise((resolve) => hand(cancellation, unlessOver(resolve)));
    const failure = await accepted((cancellation) => this.#hold.during(begun(cancellation)), patience);
    if (failure !== null) {
      throw fromNative(JSON.parse(failure));
    }
  }

  async #waited(given, key, { signal, timeout }, text, secret = false) {
    const condition = conditionOf(given, key);
    const cancellation = new (addon().Cancellation)();
    const unlink = linked(signal, cancellation);
    try {
      const json = JSON.stringify({ condition, timeout });
      const coming = new Promise((resolve) => this.#native.wait(json, text, secret, cancellation, unlessOver(resolve)));
      const { result, error } = JSON.parse(await this.#hold.during(coming));
      if (error !== undefined) {
        throw this.#waitError(error, given, signal);
      }
      const { index, ...came } = result;
      const part = Array.isArray(given.any) && Object.keys(given).length === 1 ? given.any[index] : given;
      return { condition: part, ...came };
    } finally {
      unlink();
    }
  }

  #waitError(facts, condition, signal) {
    switch (facts.kind) {
      case 'AbortError':
        return new AbortError(undefined, { cause: signal.reason });
      case 'WaitError':
        return new WaitError(facts.code, facts.message, {
          condition,
          screen: facts.screen ?? '',
          idleMs: facts.idleMs,
          foreground: facts.foreground ?? JSON.parse(this.#native.foreground()),
        });
      default:
        return fromNative(facts);
    }
  }
}

function textOf(text) {
  if (typeof text !== 'string' || !isWellFormed(text)) {
    const expected = typeof text === 'string' ? 'well-formed Unicode, got a lone surrogate' : `a string, got ${shown(text)}`;
    throw new ConfigError('INVALID_OPTION', 'text', `text: expected ${expected}`);
  }
  return text;
}

module.exports = { Session };
