/** The package for `import`: the same objects as `require` gives. */

export {
  Terminal,
  Terminal as default,
  VettyError,
  PolicyError,
  ConfigError,
  SpawnError,
  TimeoutError,
  WaitError,
  AbortError,
  StateError,
  LoadError,
  verifyAudit,
  version,
} from './index.cjs';
