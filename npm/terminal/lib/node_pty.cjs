'use strict';

/** A terminal in the shape of node-pty's, for code that was written for it: its names, its quirks, our engine. */

const { Buffer } = require('node:buffer');
const { EventEmitter } = require('node:events');
const { constants } = require('node:os');
const { setImmediate } = require('node:timers');
const { StringDecoder } = require('node:string_decoder');

const { Hold, unlessOver } = require('./event_loop.cjs');
const { PolicyError, SpawnError, StateError } = require('./errors.cjs');
const { opened } = require('./node_pty_policy.cjs');
const { AT_ONCE } = require('./output.cjs');
const { view } = require('./text.cjs');

const [XON, XOFF] = ['\x11', '\x13'];
/** Of `process.env`, about a terminal that the program is not on. */
const OF_ANOTHER_TERMINAL = ['TMUX', 'TMUX_PANE', 'STY', 'WINDOW', 'WINDOWID', 'TERMCAP', 'COLUMNS', 'LINES'];
const TYPES = {
  name: 'string',
  cwd: 'string',
  env: 'object',
  cols: 'number',
  rows: 'number',
  uid: 'number',
  gid: 'number',
  encoding: 'string',
  handleFlowControl: 'boolean',
  flowControlPause: 'string',
  flowControlResume: 'string',
};

/** Those that run: nobody else may hold them. */
const running = new Set();

class Pty {
  #file;
  #size;
  #events = new EventEmitter();
  #hold = new Hold();
  #native;
  #process;
  #pid;
  #name;
  #descriptor;
  #decode;
  #atOnce = 0;
  #paused = false;
  #scheduled = false;
  #exit;
  #readToEnd = false;
  #closed = false;

  constructor(file = 'sh', args = [], options = {}) {
    checkTypes(file, args, options);
    const { cols = 80, rows = 24, encoding = 'utf8', handleFlowControl = false } = options;
    this.#file = file;
    this.#size = { cols, rows };
    this.#decode = decoderOf(encoding);
    this.handleFlowControl = handleFlowControl;
    this._flowControlPause = options.flowControlPause || XOFF;
    this._flowControlResume = options.flowControlResume || XON;
    this.onData = (listener) => this.#listen('data', listener);
    this.onExit = (listener) => this.#listen('exit', (exitCode, signal) => listener({ exitCode, signal }));
    const cwd = options.cwd ?? process.cwd();
    const env = environmentOf(options, cwd);
    try {
      this.#begin(opened({ argv: [file, ...args], cwd, env, cols, rows, term: env.TERM }, options));
    } catch (error) {
      if (!(error instanceof SpawnError || isAbsence(error))) throw error;
      this.#fail(error);
    }
  }

  #begin({ session, process: started, pid }) {
    this.#native = session;
    this.#process = started;
    this.#pid = pid;
    this.#name = session.terminalName();
    this.#descriptor = session.descriptor() ?? -1;
    session.claim(unlessOver(() => this.#read()));
    started.watch(
      unlessOver((exit) => {
        this.#exit = JSON.parse(exit);
        this.#endIfOver();
      }),
    );
    running.add(this);
    this.#hold.begin();
    this.#readSoon();
  }

  /** As if it had started, said why it could not, and ended. */
  #fail({ message }) {
    this.#pid = NaN;
    this.#name = '';
    this.#descriptor = -1;
    this.#exit = { exitCode: 1, signal: null };
    this.#readToEnd = true;
    this.#hold.begin();
    setImmediate(() => {
      this.#events.emit('data', this.#decode(Buffer.from(`${message}\r\n`)));
      this.#endIfOver();
    });
  }

  get pid() {
    return this.#pid;
  }

  get cols() {
    return this.#size.cols;
  }

  get rows() {
    return this.#size.rows;
  }

  get fd() {
    return this.#descriptor;
  }

  get ptsName() {
    return this.#name;
  }

  get process() {
    const name = this.#native && JSON.parse(this.#native.foreground()).name;
    return name || this.#file;
  }

  on(event, listener) {
    this.#events.on(event, listener);
  }

  addListener(event, listener) {
    this.on(event, listener);
  }

  once(event, listener) {
    this.#events.once(event, listener);
  }

  off(event, listener) {
    this.#events.off(event, listener);
  }

  removeListener(event, listener) {
    this.off(event, listener);
  }

  removeAllListeners(event) {
    this.#events.removeAllListeners(event);
  }

  listeners(event) {
    return this.#events.listeners(event);
  }

  emit(event, ...args) {
    return this.#events.emit(event, ...args);
  }

  write(data) {
    if (this.handleFlowControl) {
      if (data === this._flowControlPause) return this.pause();
      if (data === this._flowControlResume) return this.resume();
    }
    let failure;
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
    this.#native?.write(bytes, undefined, unlessOver((told) => (failure = told)));
    // What comes later has nobody to go to.
    const told = failure ? JSON.parse(failure) : undefined;
    if (told?.code === 'INPUT_FULL') {
      throw new StateError(told.code, told.message);
    }
  }

  resize(cols, rows, pixels = {}) {
    if (!(cols > 0 && rows > 0) || !Number.isFinite(cols + rows)) {
      throw new Error('resizing must be done using positive cols and rows');
    }
    const { width = 0, height = 0 } = pixels;
    this.#size = { cols: Math.floor(cols), rows: Math.floor(rows) };
    this.#native?.resize(this.cols, this.rows, width, height, () => {});
  }

  clear() {
    // Of Windows' consoles alone.
  }

  pause() {
    this.#paused = true;
  }

  resume() {
    this.#paused = false;
    this.#readSoon();
  }

  kill(signal = 'SIGHUP') {
    if (!(signal in constants.signals)) {
      throw new Error(`Unknown signal: ${signal}`);
    }
    this.#process?.signalTree(signal);
  }

  destroy() {
    this.#paused = false;
    this.#process?.kill('SIGHUP', undefined);
    this.#readSoon();
  }

  #listen(event, listener) {
    this.#events.on(event, listener);
    return { dispose: () => this.#events.off(event, listener) };
  }

  /** Not before whoever is calling has had the time to listen. */
  #readSoon() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#atOnce = 0;
      this.#read();
    });
  }

  #read() {
    while (!this.#paused && !this.#scheduled && !this.#readToEnd) {
      const data = this.#native.read();
      if (data === undefined) return;
      if (data === null) {
        this.#readToEnd = true;
        this.#endIfOver();
        return;
      }
      this.#atOnce += 1;
      if (this.#atOnce >= AT_ONCE) this.#readSoon();
      this.#tell(this.#decode(view(data)));
    }
  }

  #tell(data) {
    if (data.length > 0) this.#events.emit('data', data);
  }

  #endIfOver() {
    if (this.#closed || !this.#readToEnd || this.#exit === undefined) return;
    this.#closed = true;
    running.delete(this);
    this.#native?.release();
    this.#hold.end();
    this.#tell(this.#decode(null));
    const { exitCode, signal } = this.#exit;
    this.#events.emit('close');
    this.#events.emit('exit', exitCode ?? 0, signal === null ? 0 : constants.signals[signal]);
  }
}

/** A program that is not there, or a directory, is no refusal to whoever knows node-pty. */
const isAbsence = (error) => error instanceof PolicyError && ['PROGRAM_NOT_FOUND', 'CWD_NOT_FOUND'].includes(error.code);

function checkTypes(file, args, options) {
  if (typeof args === 'string') {
    throw new Error('args as a string is not supported on unix.');
  }
  if (typeof file !== 'string' || !Array.isArray(args) || args.some((arg) => typeof arg !== 'string')) {
    throw new TypeError('expected a file and an array of strings');
  }
  for (const [name, type] of Object.entries(TYPES)) {
    const value = options[name];
    if (value !== undefined && value !== null && typeof value !== type) {
      throw new Error(`${name} must be a ${type} (not a ${typeof value})`);
    }
  }
}

function environmentOf({ env = process.env, name }, cwd) {
  const given = { ...env };
  if (env === process.env) {
    for (const other of OF_ANOTHER_TERMINAL) delete given[other];
  }
  return { ...given, PWD: cwd, TERM: name || given.TERM || 'xterm' };
}

/** Bytes to what is given to listeners; `null` at the end. */
function decoderOf(encoding) {
  if (encoding === null) {
    return (data) => data ?? Buffer.alloc(0);
  }
  const decoder = new StringDecoder(encoding);
  return (data) => (data === null ? decoder.end() : decoder.write(data));
}

const spawn = (file, args, options) => new Pty(file, args, options);

module.exports = { Pty, spawn };
