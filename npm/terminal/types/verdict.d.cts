/** What the policy says of one call. */

/** Stable. New codes come with a minor version, hence the open end. */
export type PolicyCode =
  | 'COMMAND_NOT_ALLOWED' | 'COMMAND_DENIED' | 'TOO_MANY_ARGUMENTS' | 'SHELL_METACHARACTER' | 'CONTROL_CHARACTER' | 'NUL_BYTE' | 'PATH_TRAVERSAL'
  | 'PATH_OUTSIDE_WORKSPACE' | 'WORKSPACE_NOT_ALLOWED' | 'CWD_NOT_FOUND' | 'MALFORMED_COMMAND' | 'EMPTY_COMMAND' | 'PROGRAM_NOT_FOUND'
  | 'ARGUMENT_TOO_LONG' | 'INVALID_ENVIRONMENT' | 'SHELL_NOT_ALLOWED' | 'APPROVAL_REQUIRED'
  | (string & {});

/** What the policy says of one call. `check()` and `execute()` get it from the same judge. */
export type Verdict = Permitted | Refused;

interface VerdictBase {
  /** As judged, after parsing; `[]` if it did not parse. */
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
export interface Permitted extends VerdictBase {
  readonly allowed: true;
  readonly code: 'ALLOWED';
  readonly message: string;
  readonly hint: null;
  readonly program: string;
  readonly cwd: string;
}
export interface Refused extends VerdictBase {
  readonly allowed: false;
  readonly code: PolicyCode;
  readonly message: string;
  /** What to change, for a person or an agent. */
  readonly hint: string | null;
}
