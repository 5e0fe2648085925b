#!/usr/bin/env bash
# rustdoc builds without a warning
set -euo pipefail
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps --locked
