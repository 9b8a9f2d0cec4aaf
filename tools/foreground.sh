#!/usr/bin/env bash
# Runs a node in the foreground of make. An end that was asked for (97: a planned
# halt, 98: a signal) is a success, so that make reports no error.
set -u
# The node leads a process group of its own: a terminal's Ctrl-C reaches this
# script alone, which passes each signal on once.
set -m
node= asked=
pass() {
  asked=$1
  [ -n "$node" ] || return 0
  # Until the child has become the node it is a copy of this script, which may
  # lose the signal.
  while [ "/proc/$node/exe" -ef "/proc/$$/exe" ]; do :; done
  kill "-$1" "$node" 2>/dev/null
}
for signal in INT TERM HUP QUIT; do
  trap "pass $signal" "$signal"
done
trap '[ -z "$node" ] || kill -WINCH "$node"' WINCH
"$@" &
node=$!
[ -z "$asked" ] || pass "$asked"
while :; do
  wait -f "$node"
  code=$?
  kill -0 "$node" 2>/dev/null || break # else a signal ended the wait
done
# 129, 130, 143: the signal came before agd's first instruction.
case $asked$code in
97 | 98 | *[A-Z]97 | *[A-Z]98 | *[A-Z]129 | *[A-Z]130 | *[A-Z]143) exit 0 ;;
*) exit "$code" ;;
esac
