'use strict';

/** The options of a picture. */

const { flag, kind, oneOf } = require('./options.cjs');
const { isPlain } = require('./plain.cjs');

/** The themes that have a name. */
const THEMES = ['dark', 'light', 'paper', 'solarized-dark', 'solarized-light', 'gruvbox-dark', 'nord', 'dracula'];

const isColor = (value) => typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value);

const PARTS = ['foreground', 'background', 'palette'];

function isTheme(value) {
  if (!isPlain(value)) {
    return THEMES.includes(value);
  }
  const { foreground, background, palette } = value;
  return (
    Object.keys(value).every((key) => PARTS.includes(key)) &&
    [foreground, background].every(isColor) &&
    Array.isArray(palette) &&
    palette.length === 16 &&
    palette.every(isColor)
  );
}

const names = THEMES.map((name) => `'${name}'`).join(', ');
const theme = kind(`${names}, or an object of foreground, background and a palette of 16 colours, each as '#rrggbb'`, isTheme);

const RENDER = { theme, scope: oneOf('screen', 'history', 'all'), cursor: flag };
const PNG = { ...RENDER, scale: kind('a number from 0.5 to 8', (value) => typeof value === 'number' && value >= 0.5 && value <= 8) };

module.exports = { PNG, RENDER };
