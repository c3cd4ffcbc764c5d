#!/bin/sh
# Runs Connect as user 1000. A mounted key may belong to any user of the host, so only the right to read files is kept.
# If the engine starts this as another user, or without the right to change it, that user is kept.
set -eu

if [ "$(id -u)" = 0 ]; then
  caps=-all,+dac_override
  drop="setpriv --reuid 1000 --regid 1000 --clear-groups --no-new-privs
    --inh-caps $caps --ambient-caps $caps --bounding-set $caps"
  if $drop true 2>/dev/null; then exec $drop connect "$@"; fi
fi
exec connect "$@"
