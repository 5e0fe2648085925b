#!/usr/bin/env bash
# The workspace type-checks for Windows and macOS
set -euo pipefail
.ci/cross-check
