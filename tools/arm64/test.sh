#!/usr/bin/env bash
# The Go tests of the bridge, the jail and the supervisor for linux/arm64, under
# qemu-user (Debian: qemu-user). Prints events as go test -json does.
#
# The jail's filters are made from arm64's system calls, and run by a machine of
# Go. qemu-user has no seccomp and no Landlock, so nothing is confined.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v qemu-aarch64 >/dev/null; then
  echo 'no qemu-aarch64: apt-get install qemu-user' >&2
  exit 1
fi
export GOOS=linux GOARCH=arm64 CGO_ENABLED=0
# Tests that start a VM: qemu-user has no PR_SET_CHILD_SUBREAPER.
start_vms='AVMIsStoppedAndReaped|AVMThatIgnoresEverythingIsKilled|ASecondSignalKillsSooner|AHandshakeThatDoesNotComeIsGivenUp|TheVMsDeathIsSeen|ChildrenFromBeforeAreLeftAlone|AVMsLastWordsAreKept|OutputIsTakenLineByLine|AStopSignalOfItsOwnIsTold'
run() {
  (cd "$1" && shift && go test -buildmode=exe -exec "$OLDPWD/tools/arm64/run.sh" -json "$@")
}
failed=0
run go/bridge ./... || failed=1
run go -skip "^Test($start_vms)\$" ./supervisor ./jail/... ./internal/... ./cmd/internal/... || failed=1
exit $failed
