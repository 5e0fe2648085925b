/** The policy and its limits. */

import type { SandboxFeature, SandboxLevel, SignalName } from './basics.cjs';
import type { AuditConfig, AuditEvent } from './audit.cjs';
import type { Verdict } from './verdict.cjs';

/** The policy and its limits. JSON-shaped: no functions. Copied and frozen when given. */
export interface TerminalConfig {
  /** Directories that commands may run in; entry 0 is the default cwd; `'/'` is anywhere; `[]` is the host's directory when the policy is built. Need not exist yet. Default `[]`. */
  readonly workspaces?: readonly string[];
  /** Further places that path-like arguments may name. Default `[]`. */
  readonly paths?: readonly (string | { readonly path: string; readonly access?: 'read' | 'write' })[];
  /** Which programs, with which words. */
  readonly commands?: CommandConfig;
  /** Which variables a program gets. */
  readonly env?: EnvConfig;
  /** Default of a call's `timeout`; a call may choose another, `limits.wall` is the bound that no call passes. Default 30000, `0` none. */
  readonly timeout?: number;
  /** Run as this user; supplementary groups are cleared, no_new_privs is set. The host needs the privilege. POSIX only. */
  readonly uid?: number;
  /** Run as this group. */
  readonly gid?: number;
  /** Built-in rule set, with defaults of its own. Default none. */
  readonly profile?: 'agent' | null;
  /** What a program may touch. */
  readonly sandbox?: SandboxConfig;
  /** Bounds that no call can raise. */
  readonly limits?: LimitsConfig;
  /** What is kept of the output, and for how long. */
  readonly output?: OutputConfig;
  /** How much runs at once. */
  readonly quotas?: QuotasConfig;
  /** Bounds and defaults of interactive sessions. */
  readonly sessions?: SessionsConfig;
  /** Where events go, and what is hidden in them. */
  readonly audit?: AuditConfig;
}

/** Which programs may run, with which words, and how they are ended. */
export interface CommandConfig {
  /**
   * What a command that no rule matches gets. Default: `'allow'` if `allow` is given as an empty array (the reference system's meaning; linted),
   * else `'deny'`. `getConfig()` always spells it, so that a configuration that goes out and in again means the same.
   */
  readonly default?: 'allow' | 'deny' | 'ask';
  /** Patterns or rules. Deny wins, then ask, then allow. Default `[]`. */
  readonly allow?: readonly (string | Rule)[];
  /** What is refused whatever else permits it. Default `[]`. */
  readonly deny?: readonly (string | Rule)[];
  /** Decided by {@link TerminalHandlers.onApproval}; without one, refused. What was approved needs no entry of `allow`. Default `[]`. */
  readonly ask?: readonly (string | Rule)[];
  /** More arguments (argv[0] not counted) are refused. Default 10; with a profile 256. */
  readonly maxArgs?: number;
  /** `true`: refuse shell metacharacters, CR, LF and ESC in any word. `'unquoted'`: only what a shell would act on. Default `true`; with a profile `'unquoted'`. */
  readonly strictArgs?: boolean | 'unquoted';
  /** `'resolve'`: follow `..` and hold the result to the workspaces. Default `'refuse'`; with a profile `'resolve'`. */
  readonly dotDot?: 'refuse' | 'resolve';
  /** Never a shell. `false`: only lines with shell syntax, and only if `allow` names that shell. Default `true`. */
  readonly noShell?: boolean;
  /** Where bare program names are looked up. Default: the host's PATH when the policy is built. */
  readonly searchPath?: readonly string[];
  /** First signal of a kill, timeout or abort. Default `'SIGTERM'`. */
  readonly killSignal?: SignalName;
  /** From `killSignal` to SIGKILL. Default 2000, `0` is SIGKILL at once. */
  readonly killGrace?: number;
  /** CREATE_NO_WINDOW. Default `false`. */
  readonly windowsHide?: boolean;
  /** Pass arguments unquoted; refused where that would change their number. Default `false`. */
  readonly windowsVerbatimArguments?: boolean;
}

/** A rule about options and operands, in any spelling. */
export interface Rule {
  /** A bare name, or a path. */
  readonly program: string;
  /** Only this one; words with spaces between for one within another (`remote add`). */
  readonly subcommand?: string;
  /** Options, each in one of its spellings: `--force` means `-f` as well. */
  readonly flags?: {
    /** In `allow`: only these, also those that the profile refuses. In `deny` and `ask`: each other one is a hit. */
    readonly allow?: readonly string[];
    /** In `allow`: none of these. In `deny` and `ask`: each of them is a hit. */
    readonly deny?: readonly string[];
    /** In `allow`: words put behind the program or the subcommand. */
    readonly inject?: readonly string[];
  };
  /** The operands in order: kinds (`text`, `path:read`, `path:write`, `url`, ...; the last may end in `...`), or else words with wildcards. */
  readonly args?: readonly string[];
  /** In `allow`: pins the program, or an interpreter's script. Lower-case hex. */
  readonly sha256?: string;
  /** Shown to whoever is refused. */
  readonly reason?: string;
}

/** Which variables a program gets: of the host's, of a call's, and of the policy's owner. */
export interface EnvConfig {
  /** Globs over the names of the host's environment and of a call's `env`; `[]` lets every name through that is not denied. Default `['NODE_ENV', 'PATH']`. */
  readonly allow?: readonly string[];
  /** Deny wins. Default `['HOME', 'SSH_*']`. Variables that load code need an `allow` without a wildcard. */
  readonly deny?: readonly string[];
  /** Fixed by the policy's owner, past the filters. Default `{}`. */
  readonly set?: Readonly<Record<string, string>>;
}

/** What a program may touch: held by the kernel, for the program and all that it starts. What it cannot give is `SANDBOX_UNSUPPORTED` before the spawn. */
export interface SandboxConfig {
  /** Default `'filter'`: the policy alone. */
  readonly level?: SandboxLevel;
  /** Places that may be read, beside the system's programs and libraries and the workspaces. Relative ones are of the first workspace. Default `[]`. */
  readonly read?: readonly string[];
  /** Places that may be read and written, beside the workspaces. Default `[]`. */
  readonly write?: readonly string[];
  /** Places whose files may be executed and read, beside the system's. The workspaces are not among them. Default `[]`. */
  readonly execute?: readonly string[];
  /**
   * Read-only inside of writable places; `isolate` only. What is listed must be there. Default: what runs without being asked, as far as it is there:
   * `.git/hooks`, `.git/config`, `.npmrc`, `.cargo/config.toml`, `.envrc`, `.vscode`, the settings of agents.
   */
  readonly protect?: readonly string[] | null;
  /** Grants of reading and executing for a runtime, by name of a data file. Default `[]`. */
  readonly presets?: readonly ('node' | 'python' | 'rust' | 'go' | (string & {}))[];
  /** Ports of TCP, or names of hosts (`api.example.com`, `*.example.org`, addresses; with a port, or 80 and 443), for which `isolate` has a proxy. Default `'none'` from `confine` on, `'open'` for `filter`. */
  readonly network?: 'none' | 'open' | { readonly connect?: readonly number[]; readonly bind?: readonly number[] } | { readonly hosts: readonly string[] };
  /** Sockets of the file system; an array of places needs Linux 7.1. Default `false` from `confine` on, `true` for `filter`. */
  readonly unixSockets?: boolean | readonly string[];
  /** `'deny'`: modes, owners, times and extended attributes of files stay as they are, also in the workspaces; `git init`, `tar` and virtual environments break. Default `'allow'`. */
  readonly metadata?: 'allow' | 'deny';
  /** Features that may be missing. Default `[]`: refuse. */
  readonly allowDegraded?: readonly SandboxFeature[];
}

/** Bounds that no call can raise. All default to none. */
export interface LimitsConfig {
  /** From spawn to exit, whatever a call's `timeout` says. */
  readonly wall?: number;
  /** Without output. */
  readonly idle?: number;
  /** Bytes of output, all streams; what comes after ends the run. (`output.maxBytes` only bounds what is kept.) */
  readonly output?: number;
  /** Processor time of each process, in whole seconds rounded up. */
  readonly cpuTime?: number;
  /** Of the whole tree where a control group can be had (`cgroup-limits` in the result), else of each process's data. */
  readonly memory?: number;
  /** Processes and threads: of the whole tree where a control group can be had, else of the user; refused for root without one. At level `isolate` 1024 by default, as far as that can be held. */
  readonly processes?: number;
  /** Of each process. */
  readonly openFiles?: number;
  /** Of each file that is written. */
  readonly fileSize?: number;
}

/** What is kept of the output, how it is read, and how long a finished run is known. */
export interface OutputConfig {
  /** Kept for each stream, half head and half tail, never cut inside a character. Default 1 MiB. */
  readonly maxBytes?: number;
  /** Text put where something was left out; `false` for none; never in `buffer` output. A word `N` in it becomes the number of bytes. Default `'\n[... N bytes omitted ...]\n'`. */
  readonly marker?: string | false;
  /** Between the kernel and a reader, for each stream; then the child is slowed. Default 256 KiB. */
  readonly highWaterMark?: number;
  /** After the direct child ended while a descendant holds the pipe: silence that ends the reading (`incomplete: true`). Default 100. */
  readonly drainGrace?: number;
  /** How long and how many finished runs stay in `getList`/`getOutput`. Default 5000 ms, 1000 runs, 64 MiB. Holds no event loop. */
  readonly retain?: { readonly time?: number; readonly count?: number; readonly bytes?: number };
}

/** Bounds and defaults of interactive sessions. */
export interface SessionsConfig {
  /** Open at once in this terminal. Default 64. */
  readonly max?: number;
  /** From open to close. Default none. */
  readonly lifetime?: number;
  /** Without output that was read, and without input. Default none. */
  readonly idle?: number;
  /** Default `{ cols: 80, rows: 24 }`. */
  readonly size?: { readonly cols?: number; readonly rows?: number };
  /** What no terminal exceeds. Default `{ cols: 1000, rows: 1000 }`, which is also the most. */
  readonly maxSize?: { readonly cols?: number; readonly rows?: number };
  /** Default of a wait's `timeout`. Default 30000. */
  readonly waitTimeout?: number;
  /** What is kept of lines that have left the screen. Default 10000 lines, 8 MiB. */
  readonly history?: { readonly lines?: number; readonly bytes?: number };
  /** Which questions of programs are answered. An option of `open` can only switch off. */
  readonly replies?: RepliesConfig;
  /**
   * Directories, absolute, beneath which the files may be read that pictures name (kitty's file media; Linux), when somebody listens to `image`.
   * Default `[]`: output never touches a file.
   */
  readonly imageFiles?: readonly string[];
}

/** Which device queries are answered. An option of `open` can only switch off what the policy has on. */
export interface RepliesConfig {
  /** What the terminal is and how it is set: DA, DSR, CPR, DECRQM, XTVERSION, XTGETTCAP. Programs wait for these. Default `true`. */
  readonly device?: boolean;
  /** OSC 4, 10, 11, 12. Default `true`. */
  readonly colors?: boolean;
  /** XTWINOPS reports. Default `false`. */
  readonly winops?: boolean;
  /** OSC 52 reads, which are told as events. Default `false`. */
  readonly clipboard?: boolean;
  /** DECRQCRA and other read-back of the screen: a program could have its own output typed. Default `false`. */
  readonly screen?: boolean;
}

/** How much runs at once in one terminal. */
export interface QuotasConfig {
  /** Children at once; a further call waits for its turn. Default 256. */
  readonly running?: number;
  /** Calls that may wait; a further one is refused (`BUSY`). Default 10000. */
  readonly queued?: number;
}

/**
 * A policy file, as {@link Terminal.load} reads it: JSON with these keys, or TOML with the same in snake_case. What stands in it is on top of what it
 * includes: objects key by key, lists together, everything else its own.
 */
export interface PolicyFile extends TerminalConfig {
  /** For editors: where the JSON Schema is (`@vetty/terminal/policy.schema.json`). */
  readonly $schema?: string;
  /** Of the format. */
  readonly version: 1;
  /** Files below the directory of this one, or absolute paths. Default `[]`. */
  readonly include?: readonly string[];
  /** Command lines of which that has to become; run when the file is loaded. Default none. */
  readonly tests?: { readonly allow?: readonly string[]; readonly ask?: readonly string[]; readonly deny?: readonly string[] };
}

type DeepRequired<T> = T extends readonly (infer _)[] ? T : T extends object ? { readonly [K in keyof T]-?: DeepRequired<Exclude<T[K], undefined>> } : T;
type Late = 'uid' | 'gid' | 'profile';

/** What `getConfig()` gives: every key with its value in force. A deep, frozen copy. */
export type ResolvedConfig = DeepRequired<Omit<TerminalConfig, Late>> & { readonly uid: number | null; readonly gid: number | null; readonly profile: 'agent' | null };

/** The part of a terminal that cannot be data. Kept apart so that a configuration stays JSON. */
export interface TerminalHandlers {
  /**
   * Decides `ask` rules. Anything but `'allow'`, `'allow-session'` or `'allow-rule'`, a throw, or `approvalTimeout` passing is a refusal.
   * Calls that need it cannot be refused synchronously: they reject.
   */
  onApproval?(request: ApprovalRequest): Promise<Approval> | Approval;
  /** Milliseconds, `0` none. Default 60000. */
  approvalTimeout?: number;
  /**
   * Every event of this terminal, in order: first that of its configuration. A throwing listener is removed and reported by `process.emitWarning`; it
   * never stops a run. Holds no event loop.
   */
  onAudit?(event: AuditEvent): void;
}

/** What has to be decided. */
export interface ApprovalRequest {
  /** All that is known of the call; its code is `APPROVAL_REQUIRED`. */
  readonly verdict: Verdict;
  /** Aborts when the answer no longer matters. */
  readonly signal: AbortSignal;
}

/**
 * `'allow-session'`: also each further call with the same argv in the same directory, while the terminal lives. `'allow-rule'`: also each further call that
 * the same entry of `commands.ask` wants an approval for, and no other one; where no entry asked but `commands.default`, as `'allow-session'`.
 */
export type Approval = 'allow' | 'deny' | 'allow-session' | 'allow-rule';

/** A hint about a policy that is legal and probably wrong. */
export interface Lint {
  /** Stable. New ones come with a minor version, hence the open end. */
  readonly code:
    | 'ALLOW_ALL' | 'SHELL_ALLOWED' | 'INTERPRETER_WILDCARD' | 'WRAPPER_ALLOWED' | 'UNREACHABLE_PATTERN'
    | 'SHADOWED_RULE' | 'DENY_BY_WORDS' | 'UNKNOWN_OPTION' | 'REGEX_IN_PATTERN' | 'SHELL_SYNTAX_IN_PATTERN'
    | 'SHELL_BUILTIN' | 'GLOBSTAR_IN_WORD' | 'SEARCH_PATH_SKIPPED' | 'WORKSPACE_ANYWHERE' | 'WORKSPACE_TOO_WIDE' | 'WORKSPACE_WORLD_WRITABLE'
    | 'PATH_ANYWHERE' | 'POLICY_WRITABLE' | 'ENV_ALLOW_ALL' | 'GUARDED_VARIABLE' | 'SECRET_IN_ENV'
    | (string & {});
  /** What is wrong, and what to write instead. */
  readonly message: string;
  /** Where, as a path: `commands.allow[2]`. */
  readonly key: string;
}

// Without it all that is declared here would be exported.
export {};
