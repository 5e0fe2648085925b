#!/usr/bin/env bash
# clippy has nothing to say, of all targets
set -euo pipefail
cargo clippy --workspace --all-targets --all-features --locked -- -D warnings
