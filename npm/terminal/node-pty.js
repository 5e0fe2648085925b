/** The package's entry in the shape of node-pty, for `import`. */

import entry from './node-pty.cjs';

export const { spawn } = entry;
export default entry.default;
