#!/bin/sh
# Runs COMMAND as an ordinary user with subordinate IDs, as images are built without root. FOLDER is the user's home. The
# machine's own accounts stay as they are: others take their places in this mount namespace.
#
#   unshare --mount asBuilder.sh FOLDER COMMAND…
set -eu
folder=$1
shift
id=12345

accounts=$folder/accounts
if [ ! -e "$accounts" ]; then
  mkdir -p "$accounts" "$folder/runtime"
  { cat /etc/passwd && echo "builder:x:$id:$id::$folder:/bin/sh"; } >"$accounts/passwd"
  { cat /etc/group && echo "builder:x:$id:"; } >"$accounts/group"
  for file in subuid subgid; do echo 'builder:200000:65536' >"$accounts/$file"; done
  chmod 0644 "$accounts"/*
  chown -R $id:$id "$folder"
fi
for file in passwd group subuid subgid; do
  [ -e "/etc/$file" ] || touch "/etc/$file"
  mount --bind "$accounts/$file" "/etc/$file"
done
cd "$folder"
exec setpriv --reuid $id --regid $id --clear-groups --reset-env \
  env XDG_RUNTIME_DIR="$folder/runtime" BUILDAH_ISOLATION=chroot "$@"
