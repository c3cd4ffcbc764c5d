#!/bin/sh
# Builds sallyport-client for x64 and arm64 with Debian's compilers:  build.sh [FOLDER]
# The programs in bin/ were built by this script on Debian 12; a test builds them again and compares.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=${1:-$here/bin}
cd "$here"
for pair in x64:x86_64-linux-gnu arm64:aarch64-linux-gnu; do
  "${pair#*:}-gcc" -std=c11 -Os -Wall -Wextra -Werror -ffreestanding -nostdlib -nostdinc -static -fno-pie -no-pie \
    -fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-ident \
    -fno-tree-loop-distribute-patterns -fno-builtin -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,noseparate-code -s \
    -o "$target/sallyport-client-${pair%%:*}" ask.c client.c lookup.c session.c
done
