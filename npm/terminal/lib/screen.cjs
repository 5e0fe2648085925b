'use strict';

/** What a session's terminal shows, as data. */

const { patternOf } = require('./condition.cjs');
const { ConfigError, StateError, fromNative } = require('./errors.cjs');
const { bytesOf } = require('./input.cjs');
const { checked, count, flag, kind, oneOf } = require('./options.cjs');
const { shown } = require('./plain.cjs');
const { PNG, RENDER } = require('./render_options.cjs');
const { plain } = require('./text.cjs');

/** The rows of the largest terminal. */
const MOST_ROWS = 1000;

const scope = oneOf('screen', 'history', 'all');
const TEXT = { scope, since: count, command: count, unwrap: flag, trim: flag, fold: flag, maxBytes: count };
const rows = kind(
  'two row numbers from 0 on',
  (value) => Array.isArray(value) && value.length === 2 && value.every((row) => Number.isInteger(row) && row >= 0 && row <= MOST_ROWS),
);
const CELLS = { rows };
const SEARCH = { scope, limit: count };
const VT = { history: flag };

/** Places that a search tells of, unless it is told how many. */
const LIMIT = 1000;

class Screen {
  #native;

  constructor(native) {
    this.#native = native;
  }

  get cols() {
    return this.#state().cols;
  }

  get rows() {
    return this.#state().rows;
  }

  get cursor() {
    return this.#state().cursor;
  }

  get title() {
    return this.#state().title;
  }

  get cwd() {
    return this.#state().cwd;
  }

  get alternate() {
    return this.#state().alternate;
  }

  get historyLines() {
    return this.#state().historyLines;
  }

  get sequence() {
    return this.#state().sequence;
  }

  get commands() {
    return JSON.parse(this.#native.commands()).map(markOf);
  }

  text(options) {
    return this.#native.text(json(checked(options, TEXT)));
  }

  cells(options) {
    const { rows: [from, to] = [0, MOST_ROWS] } = checked(options, CELLS);
    return JSON.parse(this.#native.cells(from, to));
  }

  snapshot(options) {
    const { cols, rows, commands, ...rest } = JSON.parse(this.#native.snapshot(json(checked(options, TEXT))));
    return { ...rest, size: { cols, rows }, commands: commands.map(markOf) };
  }

  changes(since) {
    const { since: from } = checked({ since }, { since: count }, 'changes');
    const changes = this.#native.changes(from ?? 0);
    return changes === null ? null : JSON.parse(changes);
  }

  search(pattern, options) {
    const { scope: within, limit = LIMIT } = checked(options, SEARCH);
    const wanted = JSON.stringify(patternOf(pattern, 'pattern', 'g'));
    const { result, error } = JSON.parse(this.#native.search(wanted, within, limit));
    if (error !== undefined) {
      throw fromNative(error);
    }
    return result;
  }

  toVt(options) {
    const { history = false } = checked(options, VT);
    return plain(this.#native.toVt(history));
  }

  html(options) {
    return this.#native.html(json(checked(options, RENDER)));
  }

  svg(options) {
    return this.#native.svg(json(checked(options, RENDER)));
  }

  async png(options) {
    const { scale = 1, ...rest } = checked(options, PNG);
    try {
      return plain(await this.#native.png(json(rest), scale));
    } catch (error) {
      // Made here, so that the stack shows who asked.
      throw new StateError('UNSUPPORTED', error.message);
    }
  }

  answerClipboard(selection, data) {
    if (typeof selection !== 'string') {
      throw new ConfigError('INVALID_OPTION', 'selection', `selection: expected a string, got ${shown(selection)}`);
    }
    this.#native.answerClipboard(selection, bytesOf(data, 'data'));
  }

  #state() {
    return JSON.parse(this.#native.state());
  }
}

/** The addon's command, with its time as a date. */
function markOf(mark) {
  return { ...mark, startedAt: new Date(mark.startedAt) };
}

/** Of checked options, which have no prototype. */
const json = (options) => JSON.stringify(options);

module.exports = { Screen, markOf };
