'use strict';

/** Bytes of a child as what an encoding makes of them. */

const { Buffer } = require('node:buffer');
const { StringDecoder } = require('node:string_decoder');

const EMPTY = new Uint8Array(0);

/** All of `bytes`. */
function decoded(bytes, encoding) {
  if (encoding === 'buffer') {
    return plain(bytes ?? EMPTY);
  }
  return bytes === undefined ? '' : view(bytes).toString(encoding);
}

/** The same of a captured stream, with `marker` in its gap; a word `N` in it becomes the number of bytes. */
function decodedWithGap(bytes, encoding, omitted, marker) {
  if (omitted === null || marker === false || encoding === 'buffer') {
    return decoded(bytes, encoding);
  }
  const kept = bytes ?? EMPTY;
  const gap = marker.replace(/\bN\b/, String(omitted.bytes));
  return decoded(kept.subarray(0, omitted.offset), encoding) + gap + decoded(kept.subarray(omitted.offset), encoding);
}

/** What was captured of a stream: a character that is not whole yet is left out. */
function decodedSoFar(bytes, ended) {
  const decoder = new StringDecoder('utf8');
  return decoder.write(view(bytes)) + (ended ? decoder.end() : '');
}

/**
 * Pieces of a stream one after the other: a character that is cut comes whole with the next piece. What is not given yet
 * can be taken back as bytes.
 */
class Decoder {
  #encoding;
  #cut = EMPTY;

  constructor(encoding) {
    this.#encoding = encoding;
  }

  /** May give an empty text. */
  write(bytes) {
    if (this.#encoding !== 'utf8') {
      return decoded(bytes, this.#encoding);
    }
    const all = this.#cut.length === 0 ? bytes : joined(this.#cut, bytes);
    const whole = wholeCharacters(all);
    this.#cut = all.slice(whole);
    return decoded(all.subarray(0, whole), 'utf8');
  }

  /** What was left at the end; `undefined` if nothing was. */
  end() {
    const rest = this.takeBack();
    return rest.length === 0 ? undefined : decoded(rest, 'utf8');
  }

  takeBack() {
    const rest = this.#cut;
    this.#cut = EMPTY;
    return rest;
  }
}

function joined(first, second) {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** The length of `bytes` without a character that its end cuts. Bytes that are no UTF-8 count. */
function wholeCharacters(bytes) {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back];
    if (byte >= 0xc2 && byte <= 0xf4) {
      const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
      return length > back ? bytes.length - back : bytes.length;
    }
    if (byte < 0x80 || byte > 0xbf) break;
  }
  return bytes.length;
}

/** The addon's copies are Buffers: memory for those need not be cleared first. */
function plain(bytes) {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function view(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

module.exports = { Decoder, decoded, decodedSoFar, decodedWithGap, joined, plain, view };
