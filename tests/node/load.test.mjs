// Loading the package and its native binary.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as esm from '@vetty/terminal';
import { outputOf } from './host.mjs';

const require = createRequire(import.meta.url);
const cjs = require('@vetty/terminal');
const manifest = require('@vetty/terminal/package.json');
// Not exported: the package's own folder is named instead.
const { load } = require('../../npm/terminal/lib/native.cjs');

const absent = (place) => {
  throw Object.assign(new Error(`Cannot find module '${place}'`), { code: 'MODULE_NOT_FOUND' });
};
const loadError = (code, message) => (error) => {
  assert.ok(esm.VettyError.is(error) && error instanceof esm.LoadError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};

test('the binary has the version of the package', () => {
  assert.equal(esm.version(), manifest.version);
});

test('import and require give the same objects', () => {
  assert.deepEqual(Object.keys(esm).sort(), Object.keys(cjs).sort());
  for (const name of Object.keys(cjs)) assert.equal(esm[name], cjs[name], name);
});

test('importing loads no binary', { skip: process.platform !== 'linux' }, async () => {
  const seen = await outputOf(`
    import { readFileSync } from 'node:fs';
    import { version } from PACKAGE;
    const isLoaded = () => /vetty\\..*\\.node/.test(readFileSync('/proc/self/maps', 'utf8'));
    const before = isLoaded();
    version();
    console.log(before, isLoaded());
  `);
  assert.equal(seen, 'false true\n');
});

test('a platform without a binary is named, with those that have one', () => {
  assert.throws(() => load('sunos-x64', absent), loadError('BINARY_NOT_FOUND', /sunos-x64.*linux-x64/));
});

test('a missing binary says how to get it', () => {
  assert.throws(() => load('linux-x64', absent), loadError('BINARY_NOT_FOUND', /optional dependencies/));
});

test('the binary of a platform package is taken where there is no local one', () => {
  const addon = { version: () => manifest.version };
  const read = (place) => (place === '@vetty/terminal-linux-arm64-musl' ? addon : absent(place));
  assert.equal(load('linux-arm64', read), addon);
});

test('a binary of another version is refused', () => {
  const read = () => ({ version: () => '0.0.0' });
  assert.throws(() => load('darwin-arm64', read), loadError('BINARY_MISMATCH', /version 0\.0\.0/));
});

test('a binary that does not load keeps the reason', () => {
  const reason = Object.assign(new Error('file too short'), { code: 'ERR_DLOPEN_FAILED' });
  const read = () => {
    throw reason;
  };
  assert.throws(() => load('linux-x64', read), (error) => {
    assert.equal(error.cause, reason);
    return loadError('BINARY_MISMATCH', /file too short/)(error);
  });
});

test('a permission that is lacking is told apart', () => {
  const read = () => {
    throw Object.assign(new Error('Requires ffi access'), { name: 'NotCapable' });
  };
  assert.throws(() => load('linux-x64', read), loadError('PERMISSION_DENIED', /--allow-ffi, --allow-read and --allow-env/));
});

test('an error is plain data as JSON', () => {
  assert.throws(() => load('sunos-x64', absent), (error) => {
    const { name, code, ...rest } = JSON.parse(JSON.stringify(error));
    assert.deepEqual([name, code, Object.keys(rest)], ['LoadError', 'BINARY_NOT_FOUND', ['message']]);
    return true;
  });
});
