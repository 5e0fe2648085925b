#!/usr/bin/env bash
# What a feature brings is not in a program without it
set -euo pipefail

# Alone: a workspace is built with all features that one of its crates asks for.
cargo clippy -p vetty-screen --all-targets --locked -- -D warnings
cargo test -p vetty-screen --test features --locked
cargo test -p vetty-screen --test features --features render --locked
