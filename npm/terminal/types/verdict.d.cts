/** What the policy says of one call. */

/** Stable. New codes come with a minor version, hence the open end. */
export type PolicyCode =
  | 'COMMAND_NOT_ALLOWED' | 'COMMAND_DENIED' | 'TOO_MANY_ARGUMENTS' | 'SHELL_METACHARACTER' | 'CONTROL_CHARACTER' | 'NUL_BYTE' | 'PATH_TRAVERSAL'
  | 'PATH_OUTSIDE_WORKSPACE' | 'WORKSPACE_NOT_ALLOWED' | 'CWD_NOT_FOUND' | 'MALFORMED_COMMAND' | 'EMPTY_COMMAND' | 'PROGRAM_NOT_FOUND'
  | 'ARGUMENT_TOO_LONG' | 'INVALID_ENVIRONMENT' | 'SHELL_NOT_ALLOWED' | 'APPROVAL_REQUIRED' | 'APPROVAL_DENIED' | 'APPROVAL_TIMEOUT'
  | 'FLAG_DENIED' | 'FLAG_UNKNOWN' | 'WRAPPER_DENIED' | 'INTERPRETER_DENIED' | 'SANDBOX_UNSUPPORTED' | 'AUDIT_UNAVAILABLE'
  | (string & {});

/** What the policy says of one call. `check()` and `execute()` get it from the same judge. */
export type Verdict = Permitted | Refused;

/** What permits and refusals have in common. */
interface VerdictBase {
  /** As judged, after parsing and with the words that rules put in; `[]` if it did not parse. */
  readonly argv: readonly string[];
  /** Absolute file that would run. */
  readonly program: string | null;
  /** Absolute, symlinks resolved. */
  readonly cwd: string | null;
  /** Names (never values) that would reach the child. */
  readonly env: readonly string[];
  /** Names that were filtered out. */
  readonly dropped: readonly string[];
  /** The rule or pattern that decided, as written, and where it stands. */
  readonly rule: { readonly text: string; readonly key: string } | null;
  /** SHA-256 of the policy, hex. */
  readonly policy: string;
}

/** It may run. */
export interface Permitted extends VerdictBase {
  /** Tells the two kinds apart. */
  readonly allowed: true;
  /** No reason to refuse it. */
  readonly code: 'ALLOWED';
  /** For a person. */
  readonly message: string;
  /** There is nothing to change. */
  readonly hint: null;
  readonly program: string;
  readonly cwd: string;
}

/** It may not. */
export interface Refused extends VerdictBase {
  /** Tells the two kinds apart. */
  readonly allowed: false;
  /** Why, for a program. */
  readonly code: PolicyCode;
  /** What was refused, and by which rule, for a person. */
  readonly message: string;
  /** What to change, for a person or an agent. */
  readonly hint: string | null;
}

// Without it all that is declared here would be exported.
export {};
