#!/bin/sh
# ke_syslog [--lines N] [--follow]   prints the last lines of the appliance's log; with --follow also new lines.
# Runs as root for administrators who can't read the log themselves, so it accepts no path. It reads the log that the
# configuration names, and the rotated log if the log has fewer than N lines.
# ke_syslog --files TOKEN ...   is for Sallyport: lists and reads the log and its rotated files, see follow_syslog.sh.
# The installed command passes the configuration's path as the first argument.
set -euf
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

fail() {
  printf 'ke_syslog: %s: %s\n' "$1" "$2" >&2
  exit "$3"
}
usage() { fail INVALID_INPUT 'usage: ke_syslog [--lines N] [--follow], N from 0 to 100000' 2; }

[ $# -ge 1 ] || usage
config=$1
shift
lines=''
follow=no
files=no
if [ "${1-}" = --files ]; then
  files=yes
  shift
  [ $# -ge 2 ] || usage
fi
while [ $files = no ] && [ $# -gt 0 ]; do
  case $1 in
    --lines)
      [ $# -ge 2 ] && [ -z "$lines" ] || usage
      lines=$2
      shift 2
      case $lines in '' | *[!0-9]* | 0?* | ???????*) usage ;; esac
      [ "$lines" -le 100000 ] || usage
      ;;
    --follow)
      [ $follow = no ] || usage
      follow=yes
      shift
      ;;
    *) usage ;;
  esac
done
lines=${lines:-1000}

log=$(sed -n 's/.*"syslog"[[:space:]]*:[[:space:]]*"\(\/[^"\\]*\)".*/\1/p' "$config") ||
  fail COMMAND_FAILED "cannot read the configuration $config" 1
case $log in '' | *'
'*) fail COMMAND_FAILED "the configuration $config names no log" 1 ;; esac

# This script refuses links itself, and says what is wrong with each file.
if [ $files = yes ]; then exec /bin/sh "${0%/*}/follow_syslog.sh" strict "$log" "$@"; fi

# Refuse links, because a link could point to any file that root can read.
[ ! -L "$log" ] || fail COMMAND_FAILED "$log cannot be read: it is a symbolic link" 1
[ -e "$log" ] || fail COMMAND_FAILED "$log cannot be read: it does not exist" 1
[ -f "$log" ] || fail COMMAND_FAILED "$log cannot be read: it is not a regular file" 1
[ -r "$log" ] || fail NOT_PERMITTED "$log may not be read by this user; use sudo" 4

present=$(tail -n "$lines" -- "$log" | wc -l)
before=$log.1
if [ "$present" -lt "$lines" ] && [ -f "$before" ] && [ ! -L "$before" ] && [ -r "$before" ]; then
  tail -n $((lines - present)) -- "$before"
fi
# tail replaces this shell and ends when the reader of its output ends.
if [ $follow = yes ]; then exec tail -n "$lines" -F -- "$log"; fi
exec tail -n "$lines" -- "$log"
