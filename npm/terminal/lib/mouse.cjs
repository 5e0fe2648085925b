'use strict';

/** What may be done with the mouse, checked and as the addon is told. */

const { checked, kind, oneOf } = require('./options.cjs');
const { ConfigError } = require('./errors.cjs');
const { isPlain } = require('./plain.cjs');

const MODIFIERS = ['shift', 'alt', 'ctrl'];
const MOUSE = {
  action: oneOf('press', 'release', 'move', 'click', 'scrollUp', 'scrollDown'),
  button: oneOf('left', 'middle', 'right'),
  at: kind('an object with row and col', isPlain),
  modifiers: kind(`an array of ${MODIFIERS.map((name) => `'${name}'`).join(', ')}`, (value) => Array.isArray(value) && value.every((name) => MODIFIERS.includes(name))),
};
const cell = kind('a whole number from 0 to 999', (value) => Number.isInteger(value) && value >= 0 && value <= 999);
const AT = { row: cell, col: cell };
/** What is done with a button, if none is named. */
const WITH_BUTTON = ['press', 'release', 'click'];

/** @throws {ConfigError} naming the part that is wrong */
function mouseJson(given) {
  const { action, at, modifiers = [], ...rest } = checked(given ?? {}, MOUSE, 'event');
  const { row, col } = checked(at ?? {}, AT, 'event.at');
  for (const [key, value] of Object.entries({ 'event.action': action, 'event.at.row': row, 'event.at.col': col })) {
    if (value === undefined) {
      throw new ConfigError('INVALID_OPTION', key, `${key}: expected a value, got undefined`);
    }
  }
  const button = rest.button ?? (WITH_BUTTON.includes(action) ? 'left' : undefined);
  return JSON.stringify({ action, button, row, col, modifiers });
}

module.exports = { mouseJson };
