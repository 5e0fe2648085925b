'use strict';

/** Finds and loads the native binary: at the first use, never at import, and once. */

const { LoadError } = require('./errors.cjs');
const { version } = require('../package.json');

/** Names as in the packages `@vetty/terminal-<name>`; the first that loads is taken. */
const BINARIES = {
  'linux-x64': ['linux-x64-gnu', 'linux-x64-musl'],
  'linux-arm64': ['linux-arm64-gnu', 'linux-arm64-musl'],
  'darwin-x64': ['darwin-x64'],
  'darwin-arm64': ['darwin-arm64'],
  'win32-x64': ['win32-x64-msvc', 'win32-x64-gnu'],
};

const PERMISSIONS = 'Deno needs --allow-ffi, --allow-read and --allow-env; Node with --permission needs --allow-addons';

let binding;

/**
 * The addon's exports.
 *
 * @throws {LoadError} at each call for as long as the binary is missing or does not fit
 */
function native() {
  binding ??= load(`${process.platform}-${process.arch}`, require);
  return binding;
}

/** `read` is `require`; the tests give others. */
function load(platform, read) {
  let failure;
  for (const name of BINARIES[platform] ?? []) {
    for (const place of [`../vetty.${name}.node`, `@vetty/terminal-${name}`]) {
      try {
        return ofThisVersion(read(place));
      } catch (error) {
        failure ??= isAbsent(error, place) ? undefined : { place, error };
      }
    }
  }
  throw failure === undefined ? notFound(platform) : unusable(failure);
}

function ofThisVersion(addon) {
  const built = addon.version?.();
  if (built !== version) {
    throw new Error(`built for version ${built}, this is version ${version}`);
  }
  return addon;
}

function isAbsent(error, place) {
  return error?.code === 'MODULE_NOT_FOUND' && String(error.message).includes(`'${place}'`);
}

function notFound(platform) {
  const remedy =
    platform in BINARIES
      ? 'install the package with its optional dependencies, or build it from a checkout with `npm run build`'
      : `there are binaries for ${Object.keys(BINARIES).join(', ')}`;
  return new LoadError('BINARY_NOT_FOUND', `No native binary for ${platform}: ${remedy}`);
}

function unusable({ place, error }) {
  const message = `The native binary ${place} does not load: ${error?.message ?? error}`.replace(/\.$/, '');
  return isRefusal(error)
    ? new LoadError('PERMISSION_DENIED', `${message}. ${PERMISSIONS}`, { cause: error })
    : new LoadError('BINARY_MISMATCH', message, { cause: error });
}

/** The runtime's or the file system's permissions, each runtime in its own words. */
function isRefusal(error) {
  const refusals = ['NotCapable', 'PermissionDenied', 'EACCES', 'EPERM', 'ERR_ACCESS_DENIED', 'ERR_DLOPEN_DISABLED'];
  return refusals.includes(error?.name) || refusals.includes(error?.code);
}

module.exports = { native, load };
