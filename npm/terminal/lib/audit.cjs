'use strict';

/** Who hears the events of a terminal, and whether an audit file is what was written. */

const { ConfigError, PolicyError, fromNative } = require('./errors.cjs');
const { reportThrow, unlessOver } = require('./event_loop.cjs');
const { native } = require('./native.cjs');
const { isPlain, shown } = require('./plain.cjs');

/** Calls back with each event, in order; not again after a throw. */
class AuditListener {
  #events;
  #onAudit;

  constructor(events, onAudit) {
    this.#events = events;
    this.#onAudit = onAudit;
    events.listen(unlessOver(() => this.hear()));
    this.hear();
  }

  /** What there is now: also for who is about to tell what came of it. */
  hear() {
    for (const json of this.#onAudit === undefined ? [] : this.#events.take()) {
      try {
        this.#onAudit?.(JSON.parse(json));
      } catch (error) {
        // What nobody takes any more must not hold up what is new.
        this.#onAudit = undefined;
        this.#events.stop();
        reportThrow('onAudit', error);
      }
    }
  }
}

/** The error of a verdict that the facade made, once it is recorded; another one where it cannot be. */
function recorded(terminal, id, hostEnvironment, verdict) {
  return new PolicyError(JSON.parse(terminal.recordRefusal(id, hostEnvironment, JSON.stringify(verdict))));
}

const wrong = (key, expected, value) => new ConfigError('INVALID_OPTION', key, `${key}: expected ${expected}, got ${shown(value)}`);

/** The expected head as JSON. @throws {ConfigError} */
function headOf(options) {
  if (options !== undefined && !isPlain(options)) throw wrong('options', 'an object', options);
  for (const key of Object.keys(options ?? {})) {
    if (key !== 'head') throw new ConfigError('INVALID_OPTION', `options.${key}`, `options.${key}: unknown option, expected head`);
  }
  const head = options !== undefined && Object.hasOwn(options, 'head') ? options.head : undefined;
  if (head === undefined || head === null) return undefined;
  if (!isPlain(head)) throw wrong('options.head', 'an object', head);
  const { sequence, hash } = head;
  if (!Number.isSafeInteger(sequence) || sequence < 0) throw wrong('options.head.sequence', 'a whole number from 0 on', sequence);
  if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) throw wrong('options.head.hash', '64 hex digits', hash);
  return JSON.stringify({ sequence, hash });
}

async function verifyAudit(path, options) {
  if (typeof path !== 'string' || path === '') throw wrong('path', 'a path', path);
  const { error, ...report } = JSON.parse(await native().verifyAudit(path, headOf(options)));
  if (error !== undefined) throw fromNative(error);
  return report;
}

module.exports = { AuditListener, recorded, verifyAudit };
