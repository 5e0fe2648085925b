'use strict';

/** A terminal: one frozen policy and what runs under it. The static side is the default terminal. */

const { linked } = require('./abort.cjs');
const { Approvals } = require('./approval.cjs');
const { AuditListener, recorded } = require('./audit.cjs');
const { callOf, callOfShell, explained, hostEnvironment, hostNames, judged, namesThatPass, optionsJson } = require('./call.cjs');
const { AUDIT_LOCK, KILL_ALL, REPLACES, RESOLVED } = require('./default_terminal.cjs');
const { ConfigError, PolicyError, StateError, fromNative } = require('./errors.cjs');
const { Hold, reportThrow } = require('./event_loop.cjs');
const { Feeding, bytesOf, isAtOnce } = require('./input.cjs');
const { Listeners, hearAll } = require('./listeners.cjs');
const { native } = require('./native.cjs');
const { CHECK, EXECUTE, HANDLERS, OPEN, SPAWN, checked } = require('./options.cjs');
const { configurationAsJson, deepFrozen, named, shown } = require('./plain.cjs');
const { LoadedPolicy } = require('./policy_file.cjs');
const { Process } = require('./process.cjs');
const { endedWell, resultOf, settled, startedResult } = require('./result.cjs');
const { Session } = require('./session.cjs');
const { commandOfTemplate } = require('./template.cjs');
const { decodedSoFar } = require('./text.cjs');

// Registered: the terminal may be of another copy of the package.
const OPEN_NOW = Symbol.for('@vetty/terminal.openNow');

class Terminal {
  #native;
  #marker;
  /** Whether the configuration names a workspace; else it is the host's directory, and is shown as it was given. */
  #anyWorkspace;
  #names;
  #approvals;
  /** Of `onAudit`. */
  #audit;
  /** Calls that have not settled, by the id that they will have. */
  #pending = new Map();
  /** `{ handle, hold }` of those that run, by id. */
  #handles = new Map();

  /** @throws {ConfigError} naming the key */
  constructor(config, given, replaces) {
    const handlers = checked(given, HANDLERS, 'handlers');
    this.#approvals = new Approvals(handlers);
    if (config instanceof LoadedPolicy) {
      this.#native = config.terminal;
      this.#anyWorkspace = true;
    } else {
      const json = configurationAsJson(config);
      this.#native = constructed(json, replaces === REPLACES);
      this.#anyWorkspace = (JSON.parse(json).workspaces ?? []).length > 0;
    }
    if (handlers.onAudit !== undefined) this.#audit = new AuditListener(this.#native.audit(), handlers.onAudit);
    const inForce = this[RESOLVED]();
    this.#marker = inForce.output.marker;
    this.#names = namesThatPass(inForce);
  }

  execute(command, given) {
    const options = checked(given, EXECUTE);
    const call = callOf(command, options, { id: this.#native.newId() });
    if (this.#approvals.needs(this.#native, call)) {
      return this.#approvals.approved(this.#native, call, options.signal).then((approved) => this.#execute(approved, options));
    }
    return this.#execute(call, options);
  }

  #execute(call, options) {
    const { background = false, input, stream = true, onStdout, onStderr } = options;
    const listened = stream && (onStdout !== undefined || onStderr !== undefined);
    const streamed = input !== undefined && !isAtOnce(input);
    if (background || listened || streamed) {
      call.data.stdinPipe = streamed;
      return this.#runListened(options, call, this.#start(background && !streamed ? 'background' : 'execute', call, options));
    }
    const started = this.#begin(call, options, (cancellation, ...parts) => {
      return this.#native.execute(...parts, input === undefined ? undefined : bytesOf(input), cancellation);
    });
    return this.#run(options, call, started);
  }

  async tryExecute(command, options) {
    try {
      return { ok: true, result: await this.execute(command, options), error: null };
    } catch (error) {
      return { ok: false, result: error?.result ?? null, error };
    }
  }

  get $() {
    return async (strings, ...values) => this.execute(commandOfTemplate(strings, values));
  }

  check(command, given) {
    return judged(this.#native, callOf(command, checked(given, CHECK)));
  }

  explain(command, given) {
    return explained(this.#native, callOf(command, checked(given, CHECK)));
  }

  async checkAsync(command, given) {
    const call = callOf(command, checked(given, CHECK));
    return call.refusal === undefined
      ? JSON.parse(await this.#native.checkAsync(call.line, hostNames(), optionsJson(call.data)))
      : judged(this.#native, call);
  }

  async spawn(command, given) {
    const options = checked(given, SPAWN);
    const { input, stderr = 'pipe', encoding = 'buffer', signal } = options;
    const streamed = input !== undefined && input !== 'pipe' && !isAtOnce(input);
    let call = callOf(command, options, {
      id: this.#native.newId(),
      stdinPipe: input === 'pipe' || streamed,
      mergeStderr: stderr === 'merge',
      ignoreStderr: stderr === 'ignore',
    });
    if (this.#approvals.needs(this.#native, call)) {
      call = await this.#approvals.approved(this.#native, call, signal);
    }
    const { promise, unlink } = this.#start('spawn', call, options);
    try {
      const { native, facts } = startedOf(await promise, signal);
      const made = this.#keepProcess(native, facts, { encoding, signal, unlink, writable: input === 'pipe' });
      if (streamed) {
        const feeding = new Feeding(native, input, (error) => {
          reportThrow('The input of a process', error);
          made.kill();
        });
        made.exited.then(() => feeding.stop());
      }
      return made;
    } catch (error) {
      unlink();
      throw error;
    } finally {
      this.#pending.delete(call.data.id);
    }
  }

  async open(command, given) {
    const options = checked(given, OPEN);
    const { encoding = 'buffer', signal, cols, rows, term, screen, replies } = options;
    const size = this.#sizeOf(cols, rows);
    const more = { id: this.#native.newId(), ...size, term, screen, replies };
    let call = command === undefined || command === null ? callOfShell(options, more) : callOf(command, options, more);
    if (this.#approvals.needs(this.#native, call)) {
      call = await this.#approvals.approved(this.#native, call, signal);
    }
    const { promise, unlink } = this.#begin(call, options, (cancellation, ...parts) => this.#native.open(...parts, cancellation));
    try {
      const outcome = await promise;
      const { native: process, facts } = startedOf(outcome, signal);
      return this.#keep(process, facts, unlink, (hold) => new Session(outcome.session, process, facts, { encoding, hold }));
    } catch (error) {
      unlink();
      throw error;
    } finally {
      this.#pending.delete(call.data.id);
    }
  }

  kill(id) {
    if (this.#native.kill(idOf(id))) {
      return true;
    }
    const pending = this.#pending.get(id);
    if (pending === undefined) {
      return false;
    }
    if (this.#isListed(id)) {
      // It has ended, or it was started since the first look.
      return this.#native.kill(id);
    }
    pending.cancellation.cancel();
    return true;
  }

  getOutput(id) {
    const captured = this.#native.captured(idOf(id));
    if (captured === null) {
      return { stdout: '', stderr: '' };
    }
    const { stdout, stderr, ended } = captured;
    return { stdout: decodedSoFar(stdout, ended), stderr: decodedSoFar(stderr, ended) };
  }

  getExitCode(id) {
    return this.#native.exitCode(idOf(id));
  }

  getList() {
    const listed = JSON.parse(this.#native.list()).map(({ argv, startedAt, ...rest }) => listItem(argv, startedAt, rest));
    if (this.#pending.size > 0) {
      const known = new Set(listed.map(({ id }) => id));
      for (const [id, { call, startedAt, background }] of this.#pending) {
        if (!known.has(id)) {
          const { argv } = judged(this.#native, call);
          listed.push(listItem(argv, startedAt, { id, pid: undefined, background, running: true }));
        }
      }
    }
    return listed;
  }

  getProcess(id) {
    const held = this.#handles.get(id);
    if (held?.handle instanceof Process) {
      return held.handle;
    }
    const attached = this.#native.attach(idOf(id));
    if (attached === null) {
      return undefined;
    }
    const { result } = JSON.parse(attached.json);
    return new Process(attached.process, result, {
      encoding: 'utf8',
      marker: this.#marker,
      hold: new Hold(),
      listen: () => this.#native.attach(result.id)?.process ?? attached.process,
    });
  }

  getSession(id) {
    const handle = this.#handles.get(id)?.handle;
    return handle instanceof Session ? handle : undefined;
  }

  stream(id, onStdout, onStderr) {
    for (const [name, callback] of Object.entries({ onStdout, onStderr })) {
      if (typeof callback !== 'function') {
        throw new ConfigError('INVALID_OPTION', name, `${name}: expected a function, got ${shown(callback)}`);
      }
    }
    const attached = this.#native.attach(idOf(id));
    if (attached === null) {
      throw new StateError('NOT_FOUND', `Process not found: ${typeof id === 'string' ? named(id) : shown(id)}`);
    }
    const { process } = attached;
    process.listen();
    const listeners = new Listeners('utf8', guarded('onStdout', onStdout), guarded('onStderr', onStderr));
    for (let chunk = process.nextTappedNow(); chunk !== null; chunk = process.nextTappedNow()) {
      listeners.hear(chunk);
    }
    const { hold } = this.#handles.get(id) ?? { hold: new Hold() };
    hold.during(hearAll(process, listeners));
  }

  getConfig() {
    const config = this[RESOLVED]();
    return deepFrozen(this.#anyWorkspace ? config : { ...config, workspaces: [] });
  }

  lint() {
    return JSON.parse(this.#native.lint());
  }

  auditHead() {
    return JSON.parse(this.#native.auditHead() ?? 'null');
  }

  async close() {
    await this.#native.close();
    this.#audit?.hear();
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }

  /** The configuration that means the same wherever and whenever it is read again. */
  [RESOLVED]() {
    return JSON.parse(this.#native.config());
  }

  [AUDIT_LOCK]() {
    this.#native.auditLock();
  }

  /** For node-pty's shape: opened before it returns, with these variables for the host's own. */
  [OPEN_NOW](argv, variables, data) {
    const call = callOf(argv, data, data);
    if (call.refusal !== undefined) {
      throw this.#refusedByUs(call);
    }
    return this.#native.openNow(call.line, variables.flat().join('\0'), optionsJson(call.data));
  }

  async [KILL_ALL]() {
    for (const [id, { cancellation }] of this.#pending) {
      // Those that wait for their turn; what runs is killed.
      if (!this.#isListed(id)) cancellation.cancel();
    }
    await this.#native.killAll();
  }

  /**
   * Judges and begins a call.
   *
   * @throws {PolicyError} if it is refused
   */
  #begin(call, options, begin) {
    const { refusal, data, line } = call;
    if (refusal !== undefined) {
      throw this.#refusedByUs(call);
    }
    const cancellation = new (native().Cancellation)();
    const unlink = linked(options.signal, cancellation);
    let promise;
    try {
      promise = begin(cancellation, line, hostEnvironment(this.#namesFor(line)), optionsJson(data));
      if (typeof promise === 'string') {
        throw this.#refusalOf(call, promise);
      }
    } catch (error) {
      unlink();
      throw error;
    }
    const { background = false } = options;
    this.#pending.set(data.id, { call, cancellation, background, startedAt: Date.now() });
    return { promise, unlink, cancellation };
  }

  /** Which of the host's variables matter: what a shell is, one of them says. */
  #namesFor(line) {
    return line === null && this.#names !== undefined ? [...this.#names, 'SHELL'] : this.#names;
  }

  /** With the verdict that `check` gives, which knows all names that were dropped. */
  #refusalOf(call, json) {
    this.#audit?.hear();
    const told = fromNative(JSON.parse(json));
    if (told.code === 'AUDIT_UNAVAILABLE') {
      return told;
    }
    const verdict = call.line === null ? { allowed: true } : judged(this.#native, call);
    return verdict.allowed ? told : new PolicyError(verdict);
  }

  /** What cannot be put to the addon. */
  #refusedByUs(call) {
    const error = recorded(this.#native, call.data.id ?? this.#native.newId(), hostEnvironment(this.#names), judged(this.#native, call));
    this.#audit?.hear();
    return error;
  }

  #start(mode, call, options) {
    const { input } = options;
    const bytes = input !== undefined && isAtOnce(input) && !call.data.stdinPipe ? bytesOf(input) : undefined;
    return this.#begin(call, options, (cancellation, ...parts) => this.#native.start(mode, ...parts, bytes, cancellation));
  }

  async #run({ encoding = 'utf8', signal, onExit }, call, { promise, unlink }) {
    try {
      const outcome = await promise;
      this.#audit?.hear();
      told(onExit, outcome);
      return settled(outcome, { encoding, marker: this.#marker, signal });
    } finally {
      unlink();
      this.#pending.delete(call.data.id);
    }
  }

  /** A run that is listened to, fed piece by piece, or left in the background. */
  async #runListened(options, call, { promise, unlink }) {
    const { encoding = 'utf8', signal, background = false } = options;
    const waiting = new Hold();
    if (!background) waiting.begin();
    let process;
    try {
      const { native, facts } = startedOf(await promise, signal);
      process = this.#keepProcess(native, facts, { encoding, signal, unlink });
      const over = this.#watchOver(native, process, options);
      if (background) {
        this.#handles.get(facts.id).hold.during(over).catch((error) => reportThrow('A callback of a process in the background', error));
        return startedResult(facts, encoding);
      }
      const outcome = await over;
      const result = resultOf(JSON.parse(outcome.json).result, outcome, { encoding, marker: this.#marker });
      return endedWell(result, { signal });
    } finally {
      if (process === undefined || !background) unlink();
      if (!background) waiting.end();
      this.#pending.delete(call.data.id);
    }
  }

  /** Serves the callbacks and the input of a run; its outcome. @throws what one of them throws, after the run's end */
  async #watchOver(native, { exited }, { encoding = 'utf8', stream = true, onStdout, onStderr, onExit, input }) {
    const failures = [];
    const fail = (error) => {
      failures.push(error);
      native.kill();
    };
    const feeding = input !== undefined && !isAtOnce(input) ? new Feeding(native, input, fail) : undefined;
    if (stream && (onStdout !== undefined || onStderr !== undefined)) {
      native.listen();
      await hearAll(native, new Listeners(encoding, onStdout, onStderr)).catch(fail);
    } else {
      native.unlisten();
    }
    await exited;
    const outcome = native.outcome();
    feeding?.stop();
    try {
      told(onExit, outcome);
    } catch (error) {
      failures.push(error);
    }
    if (failures.length > 0) {
      throw failures[0];
    }
    return outcome;
  }

  #keepProcess(native, facts, { unlink, ...how }) {
    return this.#keep(native, facts, unlink, (hold) => new Process(native, facts, { marker: this.#marker, hold, ...how }));
  }

  /** The handle of a run that was started, known by its id until its end. */
  #keep(native, { id }, unlink, make) {
    const hold = new Hold();
    const handle = make(hold);
    this.#handles.set(id, { handle, hold });
    hold.begin();
    handle.exited.then(() => {
      unlink();
      hold.end();
      this.#audit?.hear();
      this.#handles.delete(id);
    });
    return handle;
  }

  /** The addon's, if the call names one: what it does not name is the policy's. */
  #sizeOf(cols, rows) {
    if (cols === undefined && rows === undefined) {
      return {};
    }
    const { size } = this[RESOLVED]().sessions;
    return { cols: cols ?? size.cols, rows: rows ?? size.rows };
  }

  #isListed(id) {
    return this.#native.captured(idOf(id)) !== null;
  }
}

function constructed(json, replaces) {
  const { NativeTerminal } = native();
  try {
    return new NativeTerminal(json, replaces);
  } catch (error) {
    throw fromNative(JSON.parse(error.message));
  }
}

/** The process of an outcome that has one. @throws {VettyError} what kept it from being started */
function startedOf(outcome, signal) {
  if (outcome.process === undefined) {
    settled(outcome, { signal });
  }
  return { native: outcome.process, facts: JSON.parse(outcome.json).result };
}

function told(onExit, { json }) {
  const exit = onExit === undefined ? undefined : JSON.parse(json).result?.exit;
  if (exit !== undefined) {
    onExit(exit.exitCode, exit.signal);
  }
}

/** What is no text is an id of nothing. */
const idOf = (id) => (typeof id === 'string' ? id : '');

/** A listener that is not called again after it threw. */
function guarded(name, callback) {
  let broken = false;
  return (data) => {
    if (broken) return;
    try {
      callback(data);
    } catch (error) {
      broken = true;
      reportThrow(name, error);
    }
  };
}

function listItem(argv, startedAt, { id, kind = 'process', pid, background, running }) {
  const [command = '', ...args] = argv;
  return { id, kind, command, args, pid, startTime: new Date(startedAt), background, running };
}

module.exports = { OPEN_NOW, Terminal };
