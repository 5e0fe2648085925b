#!/usr/bin/env bash
# The one command of the README that builds the addon and passes all tests
set -euo pipefail
npm install-test --no-audit --no-fund
git diff --exit-code -- package-lock.json Cargo.lock
