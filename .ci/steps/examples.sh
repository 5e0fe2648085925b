#!/usr/bin/env bash
# Each program in examples/ runs to its end
set -euo pipefail

names=$(cargo metadata --format-version 1 --no-deps --locked | node -e '
  const { packages } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const targets = packages.flatMap(({ targets }) => targets);
  for (const { name, kind } of targets) if (kind.includes("example")) console.log(name);
')
[ -n "$names" ] || exit 75

cargo build --release --workspace --all-features --examples --locked
for name in $names; do
  echo "example $name"
  timeout 120 cargo run --quiet --release --all-features --locked --example "$name"
done
for program in $(git ls-files 'examples/*.mjs'); do
  echo "example $program"
  timeout 120 node "$program"
done
