#!/usr/bin/env bash
# Runs a node in the foreground of make. An end that was asked for (97: a planned
# halt, 98: a signal) is a success, so that make reports no error.
set -u
node= asked=
pass() {
  asked=$1
  [ -z "$node" ] || kill "-$1" "$node"
}
# A terminal sends Ctrl-C to the node as well; other signals come here alone.
trap : INT
trap 'pass TERM' TERM
trap 'pass HUP' HUP
# A job in the background would ignore Ctrl-C, unless it says otherwise.
(trap - INT QUIT && exec "$@") &
node=$!
[ -z "$asked" ] || kill "-$asked" "$node"
while :; do
  wait "$node"
  code=$?
  kill -0 "$node" 2>/dev/null || break # else a signal ended the wait
done
case $code in
97 | 98) exit 0 ;;
*) exit "$code" ;;
esac
