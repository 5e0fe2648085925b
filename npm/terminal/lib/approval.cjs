'use strict';

/** Who decides what `commands.ask` leaves open, and what was allowed for the session. */

const { performance } = require('node:perf_hooks');
const { setTimeout, clearTimeout } = require('node:timers');

const { recorded } = require('./audit.cjs');
const { hostEnvironment, judged } = require('./call.cjs');
const { AbortError } = require('./errors.cjs');

/** A further call is asked about each time. */
const MAX_REMEMBERED = 10_000;

const REFUSALS = {
  deny: { code: 'APPROVAL_DENIED', how: 'it was not approved', hint: 'do something else: whoever was asked said no' },
  timeout: { code: 'APPROVAL_TIMEOUT', how: 'nobody approved it in time', hint: 'ask again when somebody can answer' },
};

class Approvals {
  #decide;
  #within;
  /** What may run in this terminal without asking again: argv and directory as JSON. */
  #remembered = new Set();
  /** Entries of `commands.ask` that ask no more, by their places. */
  #rules = new Set();

  constructor({ onApproval, approvalTimeout = 60_000 }) {
    this.#decide = onApproval;
    this.#within = approvalTimeout;
  }

  /** Whether the call has to wait for an answer. */
  needs(native, call) {
    return this.#decide !== undefined && call.refusal === undefined && judged(native, call).code === 'APPROVAL_REQUIRED';
  }

  /**
   * The call, marked as approved.
   *
   * @throws {PolicyError} it was not approved, not in time, or would be refused all the same
   * @throws {AbortError} its signal came first
   */
  async approved(native, call, signal) {
    const marked = { ...call, data: { ...call.data, approved: true } };
    // Nobody is asked about what would be refused all the same.
    const permitted = judged(native, marked);
    if (!permitted.allowed) {
      throw recorded(native, call.data.id, hostEnvironment(), permitted);
    }
    const key = JSON.stringify([permitted.argv, permitted.cwd]);
    const remembered = this.#remembered.has(key);
    const { held, code, message, rule, hint } = this.#required(native, call);
    const verdict = { ...permitted, allowed: false, code, message, rule, hint };
    const told = recorded(native, call.data.id, hostEnvironment(), verdict);
    if (told.code !== code) {
      throw told;
    }
    if (remembered || held) {
      native.recordApproval(call.data.id, remembered ? 'allow-session' : 'allow-rule', 0);
      return marked;
    }
    const askedAt = performance.now();
    const answer = await this.#ask(verdict, signal);
    native.recordApproval(call.data.id, String(answer), performance.now() - askedAt);
    if (answer === 'allow-rule' && rule !== null) {
      this.#rules.add(rule.key);
    } else if (answer === 'allow-session' || answer === 'allow-rule') {
      this.#remember(key);
    }
    if (answer === 'allow' || answer === 'allow-session' || answer === 'allow-rule') {
      return marked;
    }
    const refusal = answer === 'timeout' ? REFUSALS.timeout : REFUSALS.deny;
    throw recorded(native, call.data.id, hostEnvironment(), {
      ...verdict,
      code: refusal.code,
      message: message.replace(/ \(it must be approved\)$/, ` (${refusal.how})`),
      hint: refusal.hint,
    });
  }

  #remember(key) {
    if (this.#remembered.size < MAX_REMEMBERED) {
      this.#remembered.add(key);
    }
  }

  /** Which rule asks; `held`: those that do were all approved for the session. */
  #required(native, call) {
    const required = judged(native, call);
    if (this.#rules.size === 0) {
      return { ...required, held: false };
    }
    const left = judged(native, { ...call, data: { ...call.data, approvedFor: [...this.#rules] } });
    return left.code === 'APPROVAL_REQUIRED' ? { ...left, held: false } : { ...required, held: left.allowed };
  }

  /** The handler's answer, a throw of it being none; `timeout` where it comes too late. */
  async #ask(verdict, signal) {
    const asking = new AbortController();
    let timer;
    let abort;
    try {
      return await Promise.race([
        this.#answer(verdict, asking.signal),
        new Promise((resolve) => {
          timer = this.#within > 0 ? setTimeout(resolve, this.#within, 'timeout') : undefined;
        }),
        new Promise((_, reject) => {
          abort = () => reject(new AbortError(undefined, { cause: signal.reason }));
          if (signal?.aborted) abort();
          else signal?.addEventListener('abort', abort, { once: true });
        }),
      ]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      asking.abort();
    }
  }

  async #answer(verdict, signal) {
    try {
      const answer = await this.#decide({ verdict, signal });
      // What only the clock may say.
      return answer === 'timeout' ? 'deny' : answer;
    } catch {
      return 'deny';
    }
  }
}

module.exports = { Approvals };
