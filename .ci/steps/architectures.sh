#!/usr/bin/env bash
# The tests of crates/process and crates/vetty, for AArch64 under an emulator and with musl
set -euo pipefail

# Usage: [TARGET...]; not part of .ci/run without a name, see .ci/full.
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(aarch64-unknown-linux-gnu x86_64-unknown-linux-musl)

# The compiler that comes with the library's source, which is built for the targets that have no prebuilt one.
.ci/apt-install rustc-web cargo-web rust-web-src gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user musl-tools util-linux

cache=${VETTY_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vetty-ci}/cross
export CARGO_TARGET_DIR=$cache/run CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=false CARGO_PROFILE_TEST_DEBUG=false
export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUST_BACKTRACE=0

# AArch64: the emulator finds the C library here. The kernel starts it for each program of that kind, also for the copies
# of themselves that tests start.
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export QEMU_LD_PREFIX=/usr/aarch64-linux-gnu
binfmt=/proc/sys/fs/binfmt_misc
name=vetty-aarch64
emulate() {
  mountpoint --quiet $binfmt || mount -t binfmt_misc binfmt_misc $binfmt
  if [ ! -e $binfmt/$name ]; then
    # The head of an ELF file: 64 bits, little-endian, an executable or a shared object, for AArch64.
    printf '%s' ":$name:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:$(command -v qemu-aarch64):F" >$binfmt/register
    trap 'echo -1 >$binfmt/$name' EXIT
  fi
}

# musl: Debian's compiler has no unwinder for it. gcc's does, but for one function of glibc's, by which it finds the tables.
libraries=$cache/musl-libraries
unwinder() {
  mkdir -p "$libraries"
  musl-gcc -O2 -Wall -Werror -c .ci/musl_unwind.c -o "$libraries/find.o"
  cp "$(gcc -print-file-name=libgcc_eh.a)" "$libraries/libunwind.a"
  ar r "$libraries/libunwind.a" "$libraries/find.o"
}
export CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=musl-gcc
export CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_RUSTFLAGS="-L native=$libraries -C link-self-contained=no"

for target in "${targets[@]}"; do
  printf '\n-- %s\n' "$target"
  skipped=()
  case $target in
    aarch64-*)
      emulate
      export VETTY_TEST_PATIENCE=600
      # What the emulator cannot show, see docs/reports.
      while read -r test; do skipped+=(--skip "$test"); done < <(sed 's/ *#.*//; /^$/d' .ci/not-under-qemu.txt)
      ;;
    *-musl) unwinder ;;
  esac
  /usr/bin/cargo test --locked --no-fail-fast -p vetty-process -p vetty --lib --tests --target "$target" \
    -Zbuild-std=std,panic_unwind,test,proc_macro -- --test-threads=2 "${skipped[@]}"
done
