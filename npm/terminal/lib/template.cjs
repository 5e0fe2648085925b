'use strict';

/** A command from a template: each value is part of one argument, whatever it holds. */

const { ConfigError } = require('./errors.cjs');
const { native } = require('./native.cjs');
const { isWellFormed, shown } = require('./plain.cjs');

/** Stands for a value while the line is split: no argument may have it, and to the parser it is a character as others. */
const HOLE = '\0';

/**
 * An argv, or a line that is none.
 *
 * @param {TemplateStringsArray} strings taken raw, as a backslash escapes nothing in a line
 * @param {unknown[]} values
 * @throws {ConfigError} for anything else
 */
function commandOfTemplate(strings, values) {
  if (!Array.isArray(strings?.raw)) {
    const expected = 'a template such as $`git log -n ${n}`';
    throw new ConfigError('INVALID_OPTION', 'command', `command: expected ${expected}, got ${shown(strings)}`);
  }
  const texts = values.map(textOf);
  const line = strings.raw.join(HOLE);
  const holes = line.split(HOLE).length - 1;
  const words = holes === values.length && isWellFormed(line) ? native().words(line) : null;
  if (words === null) {
    // The judge says what is wrong with it.
    return line;
  }
  const coming = texts.values();
  return words.map((word) => word.replaceAll(HOLE, () => coming.next().value));
}

function textOf(value, index) {
  if (typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) {
    return String(value);
  }
  const key = `values[${index}]`;
  throw new ConfigError('INVALID_OPTION', key, `${key}: expected a string or a finite number, got ${shown(value)}`);
}

module.exports = { commandOfTemplate };
