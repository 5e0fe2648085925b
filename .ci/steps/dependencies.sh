#!/usr/bin/env bash
# Dependencies keep to deny.toml
set -euo pipefail
cargo deny --locked --all-features check bans sources licenses
