#!/bin/sh
# ke_watch --json [--since POSITION]: prints the appliance as a line of JSON, and then each change as one, until the reader
# ends. POSITION is EPOCH:REVISION of an earlier call. Called with the client program and the observer's socket first.
client=$1
socket=$2
shift 2

usage() {
  echo 'ke_watch: INVALID_INPUT: usage: ke_watch --json [--since EPOCH:REVISION]' >&2
  exit 2
}

[ "${1:-}" = --json ] || usage
case $# in
  1) "$client" ask "$socket" watch ;;
  3)
    [ "$2" = --since ] || usage
    "$client" ask "$socket" watch "$3"
    ;;
  *) usage ;;
esac
code=$?
if [ $code = 69 ]; then
  echo "ke_watch: COMMAND_FAILED: the observer does not answer; as root, start it with 'service sallyport start'" >&2
  exit 1
fi
exit $code
