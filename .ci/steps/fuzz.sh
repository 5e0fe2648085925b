#!/usr/bin/env bash
# Ten seconds of each fuzz target
set -euo pipefail
[ -x fuzz/run ] || exit 75
fuzz/run 10
