#!/bin/sh
# Sends a licence ping whenever one is due. The command says how many seconds to wait, and sends nothing in offline mode.
set -u
PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
USER='the schedule'
export PATH USER

keep_schedule() {
  while :; do
    # Kept usage reports are deleted after 12 months, also in offline mode.
    ke_usage_report prune >/dev/null 2>&1 || :
    # In connected mode, usage statements are sent once a day. The command keeps the time of its next attempt itself.
    ke_usage_report send --when-due >/dev/null 2>&1 || :
    # A command that fails has not recorded its attempt. Then wait long, so that it is not repeated quickly.
    seconds=$(ke_manage_license_key ping --when-due 2>/dev/null) || seconds=3600
    case $seconds in '' | *[!0-9]*) seconds=3600 ;; esac
    sleep "$seconds"
  done
}

# Only a shell that waits handles a signal at once. The command that runs, in the same process group, ends with it: else it
# would use the kit's files while they are replaced or removed.
trap 'trap "" INT TERM; kill 0; wait; exit 0' INT TERM
keep_schedule &
wait
