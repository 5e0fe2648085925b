/** A terminal, and the default one. */

import type { CommandLike, Decoded, Encoding, KillScope, SandboxFeature, SandboxLevel } from './basics.cjs';
import type { Lint, ResolvedConfig, TerminalConfig, TerminalHandlers } from './configuration.cjs';
import type { AuditHead } from './audit.cjs';
import type { Explanation } from './explanation.cjs';
import type { Verdict } from './verdict.cjs';
import type { AbortError, ConfigError, PolicyError, SpawnError, StateError, TimeoutError } from './errors.cjs';
import type { CheckOptions, ExecuteOptions, ExecuteResult, Outcome, SpawnOptions } from './calls.cjs';
import type { Process } from './process.cjs';
import type { OpenOptions, Session } from './session.cjs';

/** What a run has written, as far as it is kept. */
export interface ProcessOutput {
  /** Of standard output; without a last character that is not whole yet. */
  readonly stdout: string;
  /** The same of standard error. */
  readonly stderr: string;
}

/** A run, as it was when the list was asked for. */
export interface ProcessListItem {
  /** For `kill`, `getOutput`, `getExitCode`, `getProcess` and `stream`. */
  readonly id: string;
  /** On pipes, or on a terminal. */
  readonly kind: 'process' | 'session';
  /** argv[0] */
  readonly command: string;
  /** Without argv[0]. */
  readonly args: readonly string[];
  /** `undefined` between the call and the spawn. */
  readonly pid: number | undefined;
  /** When it was started; of a call that waits for its turn, when it was made. */
  readonly startTime: Date;
  /** Started with `background: true`. */
  readonly background: boolean;
  /** It has not ended, or not begun. */
  readonly running: boolean;
}

/**
 * Runs a command that is written as a template: ``terminal.$`git log -n ${n} -- ${path}` ``. The text is split into words as every line is, by
 * the policy's own rules; a value is part of one word, whatever it holds, and is neither split nor unquoted. No shell is asked. The text is taken
 * raw: a backslash is a backslash.
 *
 * Rejects with all that `execute` throws and rejects with. It needs no `this`.
 */
export interface CommandTag {
  (strings: TemplateStringsArray, ...values: readonly (string | number)[]): Promise<ExecuteResult>;
}

/** What this binary, this kernel and this container can do. */
export interface Support {
  /** Of the binary. */
  readonly version: string;
  /** `linux`, `macos`, `windows`. */
  readonly platform: string;
  /** How processes are made. */
  readonly backend: 'clone3' | 'clone' | 'portable';
  /** Which levels of the sandbox can be had, and what the others lack. */
  readonly levels: Readonly<Record<SandboxLevel, { readonly available: boolean; readonly missing: readonly SandboxFeature[] }>>;
  /** The parts of enforcement that work here. */
  readonly features: readonly SandboxFeature[];
  /** The farthest that a kill reaches. */
  readonly kill: KillScope;
}

/** What a terminal and the static side have in common. */
export interface Runner {
  /**
   * Vet, run, capture. Resolves for any exit code.
   * @throws {PolicyError} synchronously, if refused. @throws {ConfigError} synchronously, for wrong options.
   * Rejects with {@link SpawnError}, {@link TimeoutError}, {@link AbortError}, {@link StateError} (`CLOSED`, `BUSY`).
   */
  execute<E extends Encoding = 'utf8'>(command: CommandLike, options?: ExecuteOptions<E>): Promise<ExecuteResult<Decoded<E>>>;
  /** `execute` whose failures are values: safe in `Promise.all(list.map(...))`. */
  tryExecute<E extends Encoding = 'utf8'>(command: CommandLike, options?: ExecuteOptions<E>): Promise<Outcome<Decoded<E>>>;
  /** `execute` for a command with values in it, each part of one argument. */
  readonly $: CommandTag;
  /** The verdict alone; spawns nothing, never throws for a refusal ({@link ConfigError} for wrong options). */
  check(command: CommandLike, options?: CheckOptions): Verdict;
  /** The same verdict with what every rule says of the command; spawns nothing. */
  explain(command: CommandLike, options?: CheckOptions): Explanation;
  /** The verdict; what has to be looked up is looked up on another thread. */
  checkAsync(command: CommandLike, options?: CheckOptions): Promise<Verdict>;
  /** Resolves when the program has started. Rejects with {@link PolicyError}, {@link SpawnError}, {@link AbortError}. */
  spawn<E extends Encoding = 'buffer'>(command: CommandLike, options?: SpawnOptions<E>): Promise<Process<Decoded<E>>>;
  /**
   * The same on a pseudo-terminal. Without a command: the user's shell, which the policy must allow by its name like any program. What is typed into it is not judged: a shell that may be opened is a shell that may run anything.
   * Rejects as `spawn`, and with {@link StateError} `TOO_MANY_SESSIONS`.
   */
  open<E extends Encoding = 'buffer'>(command?: CommandLike | null, options?: OpenOptions<E>): Promise<Session<Decoded<E>>>;

  /** `false` for an unknown or ended id. The tree gets the policy's signal, then SIGKILL; a pending `execute` rejects with {@link AbortError}. */
  kill(id: string): boolean;
  /** What was captured so far; two empty strings for an unknown id. */
  getOutput(id: string): ProcessOutput;
  /** `null` while running, after a signal, and for an unknown id. */
  getExitCode(id: string): number | null;
  /** Running ones, and finished ones for `output.retain`. A snapshot. */
  getList(): ProcessListItem[];
  /** The handle of a background run, or of any that is listed. */
  getProcess(id: string): Process<string> | undefined;
  /** A session that runs, by its id. */
  getSession(id: string): Session | undefined;
  /**
   * What was captured so far, at once, then what comes, as whole characters. A listener that is 1 MiB behind slows the program.
   * @throws {StateError} `Process not found: <id>`. A throwing callback is removed and reported by `process.emitWarning`.
   */
  stream(id: string, onStdout: (data: string) => void, onStderr: (data: string) => void): void;
  /** The policy in force, every key with its value: a deep, frozen copy, which as a configuration means the same. */
  getConfig(): ResolvedConfig;
  /** What is legal in the policy and probably wrong. */
  lint(): readonly Lint[];
  /** The end of the audit trail, for {@link verifyAudit}; `null` where nothing is recorded. It may be newer than what is in the file. */
  auditHead(): AuditHead | null;
}

/**
 * A terminal: one frozen policy and what runs under it.
 *
 * The static side is the default terminal. There is one for each realm (each worker, each test file of jest), held under
 * `Symbol.for('@vetty/terminal.default/1')`, so that the ESM and the CommonJS entry and a second installed copy share it. A worker starts with the policy
 * that the main thread has `lock()`ed, else refuses everything until `initialize`. Static methods do not use `this`.
 */
export declare class Terminal implements Runner, AsyncDisposable {
  /** Copies, validates and freezes `config`. @throws {ConfigError} naming the key. */
  constructor(config: TerminalConfig, handlers?: TerminalHandlers);

  execute<E extends Encoding = 'utf8'>(command: CommandLike, options?: ExecuteOptions<E>): Promise<ExecuteResult<Decoded<E>>>;
  tryExecute<E extends Encoding = 'utf8'>(command: CommandLike, options?: ExecuteOptions<E>): Promise<Outcome<Decoded<E>>>;
  readonly $: CommandTag;
  check(command: CommandLike, options?: CheckOptions): Verdict;
  explain(command: CommandLike, options?: CheckOptions): Explanation;
  checkAsync(command: CommandLike, options?: CheckOptions): Promise<Verdict>;
  spawn<E extends Encoding = 'buffer'>(command: CommandLike, options?: SpawnOptions<E>): Promise<Process<Decoded<E>>>;
  open<E extends Encoding = 'buffer'>(command?: CommandLike | null, options?: OpenOptions<E>): Promise<Session<Decoded<E>>>;
  kill(id: string): boolean;
  getOutput(id: string): ProcessOutput;
  getExitCode(id: string): number | null;
  getList(): ProcessListItem[];
  getProcess(id: string): Process<string> | undefined;
  getSession(id: string): Session | undefined;
  stream(id: string, onStdout: (data: string) => void, onStderr: (data: string) => void): void;
  getConfig(): ResolvedConfig;
  lint(): readonly Lint[];
  auditHead(): AuditHead | null;
  /** Kills all that runs and refuses what comes. Idempotent; never rejects. */
  close(): Promise<void>;
  /** `close()`. */
  [Symbol.asyncDispose](): Promise<void>;

  /**
   * A terminal whose policy stands in a file: `.toml`, or `.json` (see {@link PolicyFile}). The file's tests are run.
   * Rejects with {@link ConfigError} naming the `file` and the `key`: what cannot be read, trusted or used, and which test failed, and why.
   */
  static load(path: string | URL, handlers?: TerminalHandlers): Promise<Terminal>;
  /** Defaults and `config` become the default terminal's policy; what already runs keeps its own and stays listed. @throws {ConfigError} `LOCKED`. */
  static initialize(config?: TerminalConfig): void;
  /** Merged onto the current one: objects key by key, arrays replaced. @throws {ConfigError} `LOCKED`. */
  static setConfig(config: TerminalConfig): void;
  /** Makes the default policy final. Idempotent. */
  static lock(): void;
  /** Whether the default policy is final. */
  static readonly locked: boolean;
  /** {@link Runner.execute} of the default terminal. */
  static execute<E extends Encoding = 'utf8'>(command: CommandLike, options?: ExecuteOptions<E>): Promise<ExecuteResult<Decoded<E>>>;
  /** {@link Runner.tryExecute} of the default terminal. */
  static tryExecute<E extends Encoding = 'utf8'>(command: CommandLike, options?: ExecuteOptions<E>): Promise<Outcome<Decoded<E>>>;
  /** {@link Runner.$} of the default terminal. */
  static readonly $: CommandTag;
  /** {@link Runner.check} of the default terminal. */
  static check(command: CommandLike, options?: CheckOptions): Verdict;
  /** {@link Runner.explain} of the default terminal. */
  static explain(command: CommandLike, options?: CheckOptions): Explanation;
  /** {@link Runner.checkAsync} of the default terminal. */
  static checkAsync(command: CommandLike, options?: CheckOptions): Promise<Verdict>;
  /** {@link Runner.spawn} of the default terminal. */
  static spawn<E extends Encoding = 'buffer'>(command: CommandLike, options?: SpawnOptions<E>): Promise<Process<Decoded<E>>>;
  /** {@link Runner.open} of the default terminal. */
  static open<E extends Encoding = 'buffer'>(command?: CommandLike | null, options?: OpenOptions<E>): Promise<Session<Decoded<E>>>;
  /** {@link Runner.kill} of the default terminal. */
  static kill(id: string): boolean;
  /** {@link Runner.getOutput} of the default terminal. */
  static getOutput(id: string): ProcessOutput;
  /** {@link Runner.getExitCode} of the default terminal. */
  static getExitCode(id: string): number | null;
  /** {@link Runner.getList} of the default terminal. */
  static getList(): ProcessListItem[];
  /** {@link Runner.getProcess} of the default terminal. */
  static getProcess(id: string): Process<string> | undefined;
  /** {@link Runner.getSession} of the default terminal. */
  static getSession(id: string): Session | undefined;
  /** {@link Runner.stream} of the default terminal. */
  static stream(id: string, onStdout: (data: string) => void, onStderr: (data: string) => void): void;
  /** {@link Runner.getConfig} of the default terminal. */
  static getConfig(): ResolvedConfig;
  /** {@link Runner.lint} of the default terminal. */
  static lint(): readonly Lint[];
  /** {@link Runner.auditHead} of the default terminal. */
  static auditHead(): AuditHead | null;
  /** Kills all that the default terminal runs and keeps it usable (for `afterEach`). */
  static killAll(): Promise<void>;
  /** What can be enforced here, tried once: the first call takes about a millisecond. */
  static support(): Support;
}
