'use strict';

/** Text lines of a process, without their terminators. */

const { decoded, joined } = require('./text.cjs');

const LF = 0x0a;
const CR = 0x0d;
/** A longer one is split. */
const LONGEST = 1024 * 1024;

/** @param {{ next(): Promise<object | null>, release(rest?: object[]): void }} reader released when the lines end */
async function* linesOf(reader) {
  const begun = { stdout: new Uint8Array(0), stderr: new Uint8Array(0) };
  try {
    for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
      const { source, data } = chunk;
      // Where the search goes on: what was begun has no terminator.
      let searched = begun[source].length;
      begun[source] = searched === 0 ? data : joined(begun[source], data);
      for (;;) {
        const end = begun[source].indexOf(LF, searched);
        const isSplit = end < 0 ? begun[source].length > LONGEST : end > LONGEST;
        if (end < 0 && !isSplit) break;
        const line = begun[source].subarray(0, isSplit ? LONGEST : end);
        // Taken before it is given: whoever breaks off has had this one.
        begun[source] = begun[source].subarray(isSplit ? LONGEST : end + 1);
        searched = 0;
        yield text(line);
      }
    }
    for (const source of ['stdout', 'stderr']) {
      const last = begun[source];
      begun[source] = new Uint8Array(0);
      if (last.length > 0) yield text(last);
    }
  } finally {
    reader.release(Object.entries(begun).map(([source, data]) => ({ source, data })));
  }
}

function text(line) {
  return decoded(line[line.length - 1] === CR ? line.subarray(0, -1) : line, 'utf8');
}

module.exports = { linesOf };
