#!/usr/bin/env bash
# Everything of a release but the upload, with the binary of this platform
set -euo pipefail
# Of the test step, unless this one runs alone.
[ -n "$(find npm/terminal -maxdepth 1 -name '*.node')" ] || npm install --no-audit --no-fund
node release/prepare.mjs --dry-run
