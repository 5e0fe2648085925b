#!/usr/bin/env bash
# rustfmt changes nothing
set -euo pipefail
cargo fmt --all --check
