/** What the other declarations are made of. */

/** A command line, parsed by the policy's own rules (no shell), or an argv that is taken as it is. */
export type CommandLike = string | readonly [program: string, ...args: string[]];

/** `utf8` decodes across chunk borders and never splits a character; `buffer` gives `Uint8Array`. */
export type Encoding = 'utf8' | 'latin1' | 'buffer';

/** What an {@link Encoding} makes of output. A non-literal encoding gives the union. */
export type Decoded<E extends Encoding> = E extends 'buffer' ? Uint8Array : string;

/** Signals by name. On Windows: SIGINT is Ctrl+C, SIGTERM and SIGKILL end the job, others are `UNSUPPORTED`. */
export type SignalName =
  | 'SIGHUP' | 'SIGINT' | 'SIGQUIT' | 'SIGILL' | 'SIGTRAP' | 'SIGABRT' | 'SIGBUS' | 'SIGFPE' | 'SIGKILL' | 'SIGUSR1' | 'SIGSEGV' | 'SIGUSR2'
  | 'SIGPIPE' | 'SIGALRM' | 'SIGTERM' | 'SIGSTKFLT' | 'SIGCHLD' | 'SIGCONT' | 'SIGSTOP' | 'SIGTSTP' | 'SIGTTIN' | 'SIGTTOU' | 'SIGURG' | 'SIGXCPU'
  | 'SIGXFSZ' | 'SIGVTALRM' | 'SIGPROF' | 'SIGWINCH' | 'SIGIO' | 'SIGPWR' | 'SIGSYS';

/** How the program ended. Exactly one of `exitCode`, `signal`, `lost` is not `null`. */
export interface Exit {
  /** `null` if a signal ended it, or nobody knows. */
  readonly exitCode: number | null;
  /** What ended it, never hidden in a number; `null` if it ended by itself. */
  readonly signal: SignalName | null;
  /** The signal left a core image. */
  readonly coreDumped: boolean;
  /** Why the status could not be learnt (for example another part of the host reaped the child). */
  readonly lost: string | null;
}

/**
 * Why it ended. `timeout`: the call's time was over; `limit`: it passed one of the policy's `limits`. `background`: it has not
 * ended, the call only started it.
 */
export type EndReason = 'exited' | 'signaled' | 'timeout' | 'aborted' | 'killed' | 'limit' | 'lost' | 'background';

/** What a run had too much of, and was ended for. */
export type LimitName = 'wall' | 'idle' | 'output' | 'lifetime' | 'cpuTime' | 'memory' | 'fileSize';

/** What enforces a policy: a filter before the start; the kernel, for the program and all that it starts; namespaces as well (not in this version). */
export type SandboxLevel = 'filter' | 'confine' | 'isolate';

/** Parts of the kernel's enforcement, as `support()`, `allowDegraded` and results name them. */
export type SandboxFeature =
  | 'landlock-fs' | 'landlock-refer' | 'landlock-truncate' | 'landlock-tcp' | 'landlock-ioctl' | 'landlock-scope' | 'landlock-unix' | 'seccomp'
  | 'rlimits' | 'no-new-privs' | 'process-group-lock' | 'cgroup-kill' | 'cgroup-limits' | 'user-namespace' | 'mount-namespace'
  | 'pid-namespace' | 'network-namespace'
  | (string & {});

/** How a kill reaches the tree; the strongest available one is used and reported. */
export type KillScope = 'cgroup' | 'pid-namespace' | 'process-group' | 'process';
