'use strict';

/** The terminal with its static side: the same methods of the realm's default terminal. */

const { DefaultTerminal, KILL_ALL } = require('./default_terminal.cjs');
const { native } = require('./native.cjs');
const { loadPolicy } = require('./policy_file.cjs');
const { commandOfTemplate } = require('./template.cjs');
const { Terminal: Instance } = require('./terminal.cjs');

class Terminal extends Instance {
  static async load(path, handlers) {
    return new Terminal(await loadPolicy(path), handlers);
  }

  /** Defaults and `config` become the default terminal's policy. */
  static initialize(config, handlers) {
    defaults().initialize(config, handlers);
  }

  static setConfig(config) {
    defaults().setConfig(config);
  }

  static lock() {
    defaults().lock();
  }

  static get locked() {
    return defaults().locked;
  }

  static execute(command, options) {
    return defaults().current.execute(command, options);
  }

  static async tryExecute(command, options) {
    return defaults().current.tryExecute(command, options);
  }

  static get $() {
    return async (strings, ...values) => defaults().current.execute(commandOfTemplate(strings, values));
  }

  static check(command, options) {
    return defaults().current.check(command, options);
  }

  static explain(command, options) {
    return defaults().current.explain(command, options);
  }

  static async checkAsync(command, options) {
    return defaults().current.checkAsync(command, options);
  }

  static async spawn(command, options) {
    return defaults().current.spawn(command, options);
  }

  static async open(command, options) {
    return defaults().current.open(command, options);
  }

  static kill(id) {
    return defaults().terminals.some((terminal) => terminal.kill(id));
  }

  static getOutput(id) {
    return defaults().of(id).getOutput(id);
  }

  static getExitCode(id) {
    return defaults().of(id).getExitCode(id);
  }

  static getList() {
    return defaults().terminals.flatMap((terminal) => terminal.getList());
  }

  static getProcess(id) {
    return defaults().of(id).getProcess(id);
  }

  static getSession(id) {
    return defaults().of(id).getSession(id);
  }

  static stream(id, onStdout, onStderr) {
    defaults().of(id).stream(id, onStdout, onStderr);
  }

  static getConfig() {
    return defaults().current.getConfig();
  }

  static lint() {
    return defaults().current.lint();
  }

  static auditHead() {
    return defaults().current.auditHead();
  }

  static support() {
    return JSON.parse(native().support());
  }

  static async killAll() {
    await Promise.all(defaults().terminals.map((terminal) => terminal[KILL_ALL]()));
  }
}

const defaults = () => DefaultTerminal.ofThisRealm((config, handlers, replaces) => new Terminal(config, handlers, replaces));

module.exports = { Terminal };
