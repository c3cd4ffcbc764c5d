#!/bin/sh
# Makes a small Debian root in FOLDER from the files of this machine's packages, with NODE in /usr/local/bin.
#
#   debianRoot.sh FOLDER NODE
set -eu
folder=$1 node=$2
packages='base-files bash coreutils dash debianutils grep init-system-helpers libacl1 libattr1 libc-bin libc6
  libcap-ng0 libgcc-s1 libpcre2-8-0 libselinux1 libstdc++6 libtinfo6 perl-base sed util-linux'

mkdir -p "$folder/usr/bin" "$folder/usr/sbin" "$folder/usr/lib" "$folder/usr/lib64"
for name in bin sbin lib lib64; do ln -s "usr/$name" "$folder/$name"; done
# shellcheck disable=SC2086
dpkg -L $packages | sort -u | grep -vE '^/usr/share/(doc|man|locale|info|lintian|bash-completion)/' |
  while read -r file; do if [ -L "$file" ] || [ -f "$file" ]; then echo "${file#/}"; fi; done |
  tar -C / -cf - -T - | tar -C "$folder" -xf - --keep-directory-symlink
for name in dev etc/init.d proc root run sys tmp usr/local/bin var/log; do mkdir -p "$folder/$name"; done
chmod 1777 "$folder/tmp"
printf 'root:x:0:0:root:/root:/bin/sh\n' >"$folder/etc/passwd"
printf 'root:x:0:\n' >"$folder/etc/group"
install -m 0755 "$node" "$folder/usr/local/bin/node"
