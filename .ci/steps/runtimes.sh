#!/usr/bin/env bash
# The package, packed, on the oldest and the newest Node, Deno and Bun, under TypeScript, a bundler, jest and vitest
set -euo pipefail

# A few hundred megabytes that seldom change. Each package brings its binary; none has to run anything for it.
folder=$VETTY_CI_CACHE/runtimes
if ! cmp --silent tests/runtimes/package-lock.json "$folder/installed"; then
  rm -rf "$folder"
  mkdir -p "$folder"
  cp tests/runtimes/package.json tests/runtimes/package-lock.json "$folder"
  (cd "$folder" && npm install --ignore-scripts --no-audit --no-fund)
  cp tests/runtimes/package-lock.json "$folder/installed"
fi
[ -d tests/runtimes/node_modules ] || ln -s "$folder/node_modules" tests/runtimes/node_modules

# Of the step before, unless this one runs alone.
[ -n "$(find npm/terminal -maxdepth 1 -name '*.node')" ] || npm install --no-audit --no-fund
node --test tests/runtimes/*.test.mjs
