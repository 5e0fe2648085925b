/** The package for `import`: the same objects as `require` gives. */

import terminal from './index.cjs';

export const {
  Terminal,
  VettyError,
  PolicyError,
  ConfigError,
  SpawnError,
  TimeoutError,
  AbortError,
  StateError,
  LoadError,
  version,
} = terminal;

export default Terminal;
