// What a host holds after many runs: no more than before.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { outputOfFile } from './host.mjs';

const MIB = 1 << 20;

describe('after ten thousand runs', () => {
  let held;
  before(async () => {
    held = JSON.parse(await outputOfFile('ten_thousand.mjs'));
  });
  const grown = (key) => held.after[key] - held.before[key];

  it('the heap is as it was', () => {
    assert.ok(grown('heapUsed') < MIB, `${held.before.heapUsed} before, ${held.after.heapUsed} after`);
  });

  it('the memory is about what it was', () => {
    // The allocators take longer to be warm.
    assert.ok(grown('rss') < 48 * MIB, `${held.before.rss} before, ${held.after.rss} after`);
  });

  it('no further descriptor is open', () => {
    // One or two of the runtime's own come and go.
    assert.ok(grown('descriptors') <= 2, `${held.before.descriptors} before, ${held.after.descriptors} after`);
  });

  it('nothing more keeps the event loop alive', () => {
    assert.deepEqual(held.after.resources, held.before.resources);
  });

  it('no listener is left, neither on the signal nor on the process', () => {
    assert.equal(held.after.listeners, 0);
    assert.equal(grown('listenersOfTheProcess'), 0);
  });
});
