/** What every rule says of a command. */

import type { Verdict } from './verdict.cjs';

/** What the policy says of one call, and why. Plain data. */
export interface Explanation {
  /** What becomes of it: what `check` gives. */
  readonly verdict: Verdict;
  /**
   * Every rule that was considered: of each command `deny`, `ask`, `allow`, then the default and the profile. A command that a wrapper or a shell
   * would run comes behind that one. At most 10000.
   */
  readonly rules: readonly ConsideredRule[];
  /** Of a call that a list refuses: what the rest of the policy says, as if a rule permitted it. `null` of any other. */
  readonly withoutLists: Verdict | null;
}

/** What one rule says of one command. */
export interface ConsideredRule {
  /** Where it stands: `commands.deny[0]`, `commands.default`, `profile: Git`. */
  readonly key: string;
  /** As written; of the default its value, of the profile the program. */
  readonly text: string;
  /** What becomes of a command that it matches. Of several that match, the strictest one wins, wherever they stand. */
  readonly effect: 'allow' | 'ask' | 'deny';
  /** Whether it matches. */
  readonly matches: boolean;
  /** Whether it is the one that decided. */
  readonly decides: boolean;
  /** Why it matches, or why not, for a person. */
  readonly why: string;
  /** The command that it was compared with: the call's own, or one within it. */
  readonly argv: readonly string[];
}

// Without it all that is declared here would be exported.
export {};
