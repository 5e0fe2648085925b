'use strict';

/** What a session's output says beside text, told to listeners by the type of event. */

const { ConfigError } = require('./errors.cjs');
const { reportThrow, unlessOver } = require('./event_loop.cjs');
const { linked } = require('./abort.cjs');
const { AT_ONCE, turn } = require('./output.cjs');
const { checked, signal: abortSignal } = require('./options.cjs');
const { shown } = require('./plain.cjs');
const { markOf } = require('./screen.cjs');
const { plain } = require('./text.cjs');

const TYPES = [
  'title', 'bell', 'cwd', 'notification', 'progress', 'clipboard', 'clipboardRead', 'image', 'command', 'alternateScreen', 'resize', 'lag', 'exit',
];

class SessionEvents {
  #native;
  #hold;
  #source;
  #reading = false;
  #listeners = new Map();
  /** Lets go of the event loop. */
  #over = () => {};

  /**
   * @param {object} native the addon's session
   * @param {Hold} hold of the event loop, until the last event was told
   */
  constructor(native, hold) {
    this.#native = native;
    this.#hold = hold;
  }

  /** @returns {() => void} ends it */
  on(type, listener, given) {
    if (!TYPES.includes(type)) {
      throw new ConfigError('INVALID_OPTION', 'type', `type: expected one of ${TYPES.join(', ')}, got ${shown(type)}`);
    }
    if (typeof listener !== 'function') {
      throw new ConfigError('INVALID_OPTION', 'listener', `listener: expected a function, got ${shown(listener)}`);
    }
    const { signal } = checked(given, { signal: abortSignal });
    if (signal?.aborted) {
      return () => {};
    }
    const entry = { listener };
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(entry);
    this.#open();
    const unlink = linked(signal, { cancel: () => this.#remove(type, entry) });
    return () => {
      unlink();
      this.#remove(type, entry);
    };
  }

  #open() {
    if (this.#source !== undefined) return;
    const source = this.#native.events(unlessOver(() => this.#read(source)));
    this.#source = source;
    this.#hold.during(new Promise((resolve) => (this.#over = resolve)));
    // Whoever listens from now on in this turn hears what has been, too.
    queueMicrotask(() => this.#read(source));
  }

  #close() {
    this.#source?.close();
    this.#source = undefined;
    this.#over();
  }

  #remove(type, entry) {
    const entries = this.#listeners.get(type);
    if (entries?.delete(entry) && entries.size === 0) {
      this.#listeners.delete(type);
      if (this.#listeners.size === 0) this.#close();
    }
  }

  async #read(source) {
    if (this.#reading) return;
    this.#reading = true;
    try {
      let atOnce = 0;
      while (source === this.#source) {
        const happened = source.read();
        if (happened === undefined) return;
        if (happened === null) {
          this.#listeners.clear();
          this.#close();
          return;
        }
        this.#tell(eventOf(happened));
        atOnce = atOnce < AT_ONCE ? atOnce + 1 : await turn();
      }
    } finally {
      this.#reading = false;
    }
  }

  #tell(event) {
    for (const entry of [...(this.#listeners.get(event.type) ?? [])]) {
      try {
        entry.listener(event);
      } catch (error) {
        this.#remove(event.type, entry);
        reportThrow(`A listener of '${event.type}'`, error);
      }
    }
  }
}

function eventOf({ json, data }) {
  const event = JSON.parse(json);
  switch (event.type) {
    case 'clipboard':
      return { ...event, data: plain(data) };
    case 'image':
      return { ...event, payload: data == null ? null : plain(data) };
    case 'command':
      return { ...event, command: markOf(event.command) };
    default:
      return event;
  }
}

module.exports = { SessionEvents };
