/** The package for `import`: the same objects as `require` gives. */

import terminal from './index.cjs';

export const { VettyError, LoadError, version } = terminal;
