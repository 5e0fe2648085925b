#!/usr/bin/env bash
# Dependencies keep to deny.toml, and each has its line in docs/src/dependencies.md
set -euo pipefail
cargo deny --locked --all-features check bans sources licenses
