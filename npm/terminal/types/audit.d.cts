/** What was decided and done, as events, and whether a file of them is what was written. */

import type { EndReason, Exit, KillScope, LimitName, SandboxFeature, SandboxLevel, SignalName } from './basics.cjs';
import type { Approval } from './configuration.cjs';
import type { Verdict } from './verdict.cjs';

/** Where events go, and what is hidden in them. Environment values never appear. */
export interface AuditConfig {
  /** JSON lines with sequence numbers and a hash chain, appended, mode 0600. One process writes a file. Default none. */
  readonly file?: string | null;
  /**
   * While events cannot be taken as fast as they come (a full disk, a listener that is 1024 events behind): `block` lets new runs wait, `refuse`
   * refuses them (`AUDIT_UNAVAILABLE`). Never drops. Default `'block'`.
   */
  readonly onFull?: 'block' | 'refuse';
  /** What is hidden beside the known shapes of secrets. */
  readonly redact?: RedactConfig;
}

/** What is hidden in events and, with `output: true`, in the output of commands. */
export interface RedactConfig {
  /** Texts, each of 4 characters or more. No part of the policy's hash. Default `[]`. */
  readonly values?: readonly string[];
  /** Regular expressions over bytes, in Rust's syntax. What the first group matches is hidden, without one all of it. Default `[]`. */
  readonly patterns?: readonly string[];
  /** Names of variables, `*` for any characters, of the host and of a call: their values, of 8 bytes or more, are hidden. Default `[]`. */
  readonly env?: readonly string[];
  /** Hides the same in what `execute` and `spawn` capture and stream. Not in sessions. Default `false`. */
  readonly output?: boolean;
}

/** What all events have. */
interface AuditBase {
  /** From 1 on, without a gap in the whole trail: in a file that other terminals write as well, some are theirs. */
  readonly sequence: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Run or session; `null` for what is about none. */
  readonly id: string | null;
  /** SHA-256 of the policy, hex. */
  readonly policy: string;
  /** Where it runs; `null` is here. */
  readonly host: string | null;
  /** SHA-256 of the event before this one, as its line in the file, hex; 64 zeros before the first. */
  readonly previous: string;
}

/** One step of a call, or of the trail itself. */
export type AuditEvent = AuditBase &
  (
    | { readonly type: 'verdict'; readonly verdict: Verdict }
    | { readonly type: 'approval'; readonly approval: Approval | 'timeout'; readonly waitedMs: number }
    | { readonly type: 'spawn'; readonly pid: number; readonly pty: boolean; readonly enforced: AuditEnforced }
    | { readonly type: 'spawn-failed'; readonly code: string; readonly phase: string }
    | { readonly type: 'limit'; readonly limit: LimitName }
    | { readonly type: 'image-file'; readonly path: string; readonly bytes: number | null; readonly removed: boolean; readonly error: string | null }
    | { readonly type: 'connection'; readonly host: string; readonly address: string | null; readonly refused: string | null }
    | { readonly type: 'kill'; readonly signal: SignalName; readonly scope: KillScope; readonly survivors: number }
    | { readonly type: 'exit'; readonly exit: Exit; readonly reason: EndReason; readonly durationMs: number; readonly bytes: number }
    | { readonly type: 'config'; readonly change: 'initialize' | 'setConfig' | 'lock' }
    | { readonly type: 'recovery'; readonly bytes: number; readonly hash: string }
    | { readonly type: 'unavailable'; readonly calls: number }
  );

/** What holds a run, as its spawn event tells it. */
export interface AuditEnforced {
  /** Of the sandbox. */
  readonly level: SandboxLevel;
  /** The parts that were applied. */
  readonly features: readonly SandboxFeature[];
  /** The parts that are missing here, and may be. */
  readonly degraded: readonly SandboxFeature[];
  /** How far a kill reaches. */
  readonly kill: KillScope;
}

/** The end of a trail, to be kept elsewhere: a chain alone does not show that its end was cut off. */
export interface AuditHead {
  /** Of the last event; 0 before the first. */
  readonly sequence: number;
  /** SHA-256 of its line, hex. */
  readonly hash: string;
}

/** What an audit file is. */
export interface AuditReport {
  /** Nothing is wrong. */
  readonly ok: boolean;
  /** Whole events, up to what is wrong. */
  readonly events: number;
  /** The end of what is right. */
  readonly head: AuditHead;
  /** Places where a crash cut an event off, and an event behind them says so. */
  readonly torn: number;
  /**
   * `chain`: a line was changed, removed, put in or moved. `incomplete`: the last line has no end. `head`: the expected head is not in it.
   */
  readonly problem: 'not-an-event' | 'chain' | 'incomplete' | 'head' | null;
  /** The line, from 1 on, at which something is wrong. */
  readonly brokenAt: number | null;
}

/**
 * Checks the chain of an audit file, on another thread. With a `head` that was kept, from {@link Terminal.auditHead} or an earlier report, the file
 * must have that event, and may have grown since.
 *
 * Rejects with {@link VettyError} (`ENOENT`, `EACCES`, `EISDIR`, `EIO`) where it cannot be read, {@link ConfigError} for wrong arguments.
 */
export declare function verifyAudit(path: string, options?: { readonly head?: AuditHead | null }): Promise<AuditReport>;

// Without it all that is declared here would be exported.
export {};
