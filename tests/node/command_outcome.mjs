// What becomes of a row of the corpus through the JavaScript face, and whether that is as expected.

import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { VettyError } from '@vetty/terminal';
import { Fixture } from './command_fixture.mjs';
import { decoded, mutationOf } from './command_rows.mjs';

/** The ways to run a row: each gives the result, or throws. */
export const WAYS = {
  execute: (terminal, command, options) => terminal.execute(command, options),
  spawn: async (terminal, command, options) => (await terminal.spawn(command, { ...options, encoding: 'utf8' })).wait(),
};

/** Codes that say that the call itself is wrong. */
const ERRORS = [
  'ARGUMENT_TOO_LONG',
  'CWD_NOT_FOUND',
  'EMPTY_COMMAND',
  'INVALID_ENVIRONMENT',
  'MALFORMED_COMMAND',
  'NUL_BYTE',
  'PROGRAM_NOT_FOUND',
];

/** The codes that the rows of a category may be refused with. */
const CODES = {
  pattern: ['COMMAND_DENIED', 'COMMAND_NOT_ALLOWED', 'SHELL_METACHARACTER', 'PATH_TRAVERSAL'],
  quoting: [
    'COMMAND_DENIED',
    'COMMAND_NOT_ALLOWED',
    'MALFORMED_COMMAND',
    'SHELL_METACHARACTER',
    'CONTROL_CHARACTER',
    'SHELL_NOT_ALLOWED',
  ],
  whitespace: ['COMMAND_DENIED', 'MALFORMED_COMMAND', 'EMPTY_COMMAND'],
  control: ['NUL_BYTE', 'CONTROL_CHARACTER', 'MALFORMED_COMMAND'],
  traversal: ['PATH_TRAVERSAL', 'PATH_OUTSIDE_WORKSPACE', 'COMMAND_NOT_ALLOWED'],
  workspace: ['WORKSPACE_NOT_ALLOWED', 'CWD_NOT_FOUND'],
  env: ['INVALID_ENVIRONMENT', 'MALFORMED_COMMAND'],
  identity: ['COMMAND_DENIED', 'COMMAND_NOT_ALLOWED', 'PROGRAM_NOT_FOUND'],
  limits: ['TOO_MANY_ARGUMENTS', 'SHELL_METACHARACTER', 'COMMAND_NOT_ALLOWED', 'ARGUMENT_TOO_LONG'],
  config: ['COMMAND_DENIED'],
  flags: ['FLAG_DENIED', 'FLAG_UNKNOWN', 'COMMAND_DENIED', 'INTERPRETER_DENIED', 'COMMAND_NOT_ALLOWED', 'PATH_OUTSIDE_WORKSPACE'],
  wrapper: ['COMMAND_DENIED', 'WRAPPER_DENIED', 'INTERPRETER_DENIED', 'FLAG_DENIED'],
};

/**
 * What is wrong with what became of a row, if something is: it is checked, and run in one of the ways.
 *
 * @throws where `check`, `checkAsync` and the way do not agree, or where something that was refused left a trace
 */
export async function complaintOf(row, way) {
  const fixture = new Fixture();
  try {
    const { mutate, ...filled } = row;
    return complaint(decoded(filled, fixture.places), await outcomeOf(row, WAYS[way], fixture));
  } finally {
    fixture.remove();
  }
}

function complaint(row, { result, refused, unusable }) {
  if (refused !== undefined && !CODES[row.category]?.includes(refused)) {
    return `refused for another reason: ${refused}`;
  }
  const isWrong = refused !== undefined && !ERRORS.includes(refused);
  switch (row.expected) {
    case 'allow':
      return result === undefined ? `refused: ${refused ?? unusable}` : complaintOfOutput(row, result);
    case 'deny':
      // A variable may be dropped silently.
      return result === undefined || (row.category === 'env' && noVariableArrived(row, result)) ? undefined : 'it ran';
    default:
      return result !== undefined || isWrong ? `no error of the call: ${refused ?? 'it ran'}` : undefined;
  }
}

function complaintOfOutput({ expected_stdout, must_output, must_not_output }, { reason, exitCode, stdout, stderr }) {
  const conditions = {
    'it did not exit': reason === 'exited',
    'its output is another': expected_stdout === undefined || (exitCode === 0 && stdout === expected_stdout),
    'its output lacks something': must_output === undefined || stdout.includes(must_output),
    'its output has what it must not have':
      must_not_output === undefined || (exitCode === 0 && !`${stdout}${stderr}`.includes(must_not_output)),
  };
  const broken = Object.keys(conditions).find((name) => !conditions[name]);
  return broken && `${broken}: ${JSON.stringify({ reason, exitCode, stdout, stderr })}`;
}

/** Of a program that prints its environment. */
function noVariableArrived({ env }, { argv, exitCode, stdout }) {
  const arrived = stdout.split('\n').map((line) => line.split('=', 1)[0]);
  const given = Object.keys(env);
  return argv.join() === 'env' && exitCode === 0 && given.length > 0 && !given.some((name) => arrived.includes(name));
}

/** `{ result }`, `{ refused: code }` or `{ unusable: key }`. */
async function outcomeOf(row, run, fixture) {
  const { places } = fixture;
  const config = decoded(row.config, places);
  if (row.tier === 'rules') {
    // Who has knowledge of programs.
    config.profile = 'agent';
  }
  if (typeof config?.commands === 'object' && config.commands !== null) {
    config.commands.searchPath ??= fixture.searchPath;
  }
  const { make, mutate, undo } = mutationOf(row);
  let terminal;
  try {
    terminal = make(config);
  } catch (error) {
    return unusable(error);
  }
  const command = decoded(row.command, places);
  const place = decoded({ cwd: row.cwd, env: row.env }, places);
  const options = { ...place, ...decoded(row.options, places) };
  const before = fixture.contents();
  try {
    mutate(terminal, config);
    const verdict = await verdictOf(terminal, command, place);
    const outcome = await ran(run, terminal, command, options, verdict);
    if (outcome.result === undefined) {
      assert.deepEqual(terminal.getList(), []);
      assert.deepEqual(fixture.contents(), before, 'what was refused left a trace');
    }
    return outcome;
  } finally {
    undo();
  }
}

/** As `check` and `checkAsync` have it; `null` if it is no call that could be judged. */
async function verdictOf(terminal, command, place) {
  let verdict;
  try {
    verdict = terminal.check(command, place);
  } catch ({ name, key, message }) {
    await assert.rejects(terminal.checkAsync(command, place), { name: 'ConfigError', key, message });
    return null;
  }
  assert.deepEqual(await terminal.checkAsync(command, place), verdict, 'check and checkAsync');
  return verdict;
}

async function ran(run, terminal, command, options, verdict) {
  let running;
  try {
    running = run(terminal, command, options);
    const result = await running;
    assert.ok(verdict?.allowed, `it ran after ${verdict?.code}`);
    assert.deepEqual(result.argv, verdict.argv);
    return { result };
  } catch (error) {
    if (!VettyError.is(error)) throw error;
    assert.ok(run !== WAYS.execute || running === undefined, 'a refusal is thrown at once');
    if (error.name === 'ConfigError') {
      return unusable(error);
    }
    assert.equal(error.name, 'PolicyError', String(error));
    assert.ok(isDeepStrictEqual(error.verdict, verdict), `${JSON.stringify(error.verdict)} after ${JSON.stringify(verdict)}`);
    assert.deepEqual([error.code, error.message], [verdict.code, verdict.message]);
    return { refused: error.code };
  }
}

function unusable(error) {
  assert.ok(VettyError.is(error) && error.name === 'ConfigError', String(error?.stack));
  return { unusable: error.key };
}
