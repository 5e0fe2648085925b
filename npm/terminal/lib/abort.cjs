'use strict';

/** An `AbortSignal` and what it ends, until that has settled. The user's `onabort` is left alone. */

/**
 * @param {AbortSignal | undefined} signal
 * @param {{ cancel(): void }} cancellation
 * @returns {() => void} stops listening; a second call does nothing
 */
function linked(signal, cancellation) {
  if (signal === undefined) {
    return () => {};
  }
  // One that has happened already does not tell any more.
  if (signal.aborted) {
    cancellation.cancel();
    return () => {};
  }
  const cancel = () => cancellation.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  let listening = true;
  return () => {
    if (listening) signal.removeEventListener('abort', cancel);
    listening = false;
  };
}

module.exports = { linked };
