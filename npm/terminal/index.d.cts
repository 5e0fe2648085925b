/**
 * Base class. Test `error.code` or `VettyError.is(error)`: both work across copies of the package, workers' realms and bundles,
 * where `instanceof` does not.
 */
export declare class VettyError extends Error {
  constructor(code: string, message: string, options?: { cause?: unknown });
  readonly code: string;
  static is(value: unknown): value is VettyError;
  /** `{ name, code, message, ... }` with the class's own fields and without `stack`: what `JSON.stringify(error)` gives. */
  toJSON(): Record<string, unknown>;
}

/** The native binary is missing or does not fit (libc, architecture, Deno's `--allow-ffi`, a bundler that left it out). */
export declare class LoadError extends VettyError {
  readonly name: 'LoadError';
  readonly code: 'BINARY_NOT_FOUND' | 'BINARY_MISMATCH' | 'PERMISSION_DENIED';
}

/**
 * The version of the native binary, which is loaded for it.
 *
 * @throws {LoadError}
 */
export declare function version(): string;
