'use strict';

/** What the addon says of an ended or started run, as results and errors. */

const { AbortError, TimeoutError, fromNative } = require('./errors.cjs');
const { decoded, decodedWithGap } = require('./text.cjs');

/** What was enforced, and how far a kill reached. */
const enforced = ({ enforced: { level, features, degraded }, kill }) => ({ level, features, degraded, kill });

/** An `ExecuteResult`. */
function resultOf(facts, { stdout, stderr }, { encoding, marker }) {
  const { exit, omitted } = facts;
  return {
    id: facts.id,
    pid: facts.pid,
    argv: facts.argv,
    exitCode: exit.exitCode,
    signal: exit.signal,
    reason: facts.reason,
    timedOut: facts.reason === 'timeout',
    limit: facts.limit,
    stdout: decodedWithGap(stdout, encoding, omitted.stdout, marker),
    stderr: decodedWithGap(stderr, encoding, omitted.stderr, marker),
    bytes: facts.bytes,
    truncated: omitted.stdout !== null || omitted.stderr !== null,
    omitted,
    incomplete: facts.incomplete,
    survivors: facts.survivors,
    startedAt: new Date(facts.startedAt),
    durationMs: facts.durationMs,
    enforced: enforced(facts),
  };
}

/** The `ExecuteResult` of a run that was only started. */
function startedResult(facts, encoding) {
  return {
    id: facts.id,
    pid: facts.pid,
    argv: facts.argv,
    exitCode: null,
    signal: null,
    reason: 'background',
    timedOut: false,
    limit: null,
    stdout: decoded(undefined, encoding),
    stderr: decoded(undefined, encoding),
    bytes: { stdout: 0, stderr: 0 },
    truncated: false,
    omitted: { stdout: null, stderr: null },
    incomplete: false,
    survivors: 0,
    startedAt: new Date(facts.startedAt),
    durationMs: 0,
    enforced: enforced(facts),
  };
}

/**
 * The result of an outcome, unless it is an error.
 *
 * @param {{ json: string, stdout?: Uint8Array, stderr?: Uint8Array }} outcome
 * @param {{ encoding: string, marker: string | false, signal?: AbortSignal }} how
 * @throws {VettyError}
 */
function settled(outcome, how) {
  const { error, result: facts } = JSON.parse(outcome.json);
  if (error === undefined) {
    return resultOf(facts, outcome, how);
  }
  const result = facts === null ? undefined : resultOf(facts, outcome, how);
  if (error.kind === 'AbortError') {
    throw aborted(result, how.signal);
  }
  throw fromNative(error, result);
}

/** Our end of a run is an error for who waits for its result; `tolerated` is not. */
function endedWell(result, { signal, tolerated }) {
  switch (result.reason) {
    case tolerated:
      return result;
    case 'timeout':
    case 'limit':
      throw new TimeoutError(`Process was aborted: ${overBy(result)}`, result.limit, result);
    case 'aborted':
    case 'killed':
      throw aborted(result, signal);
    default:
      return result;
  }
}

function overBy({ timedOut, limit, durationMs, bytes }) {
  const after = `${Math.trunc(durationMs)} ms`;
  switch (limit) {
    case 'output':
      return `it wrote more than limits.output, ${bytes.stdout + bytes.stderr} bytes`;
    case 'idle':
      return `it wrote nothing for longer than limits.idle, after ${after}`;
    case 'cpuTime':
      return `it computed for longer than limits.cpuTime, after ${after}`;
    case 'memory':
      return `it needed more than limits.memory, after ${after}`;
    case 'fileSize':
      return `it wrote more than limits.fileSize to a file, after ${after}`;
    default:
      return timedOut ? `its time was over after ${after}` : `it ran for longer than limits.wall, ${after}`;
  }
}

function aborted(result, signal) {
  // Ended by its id, unless the caller's signal did it.
  const bySignal = signal?.aborted === true && result?.reason !== 'killed';
  return new AbortError(result, bySignal ? { cause: signal.reason } : undefined);
}

module.exports = { endedWell, resultOf, settled, startedResult };
