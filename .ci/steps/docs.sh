#!/usr/bin/env bash
# rustdoc builds without a warning, and the guide builds
set -euo pipefail
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps --locked
mdbook build docs
