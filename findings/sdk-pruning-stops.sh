#!/usr/bin/env bash
# Cosmos SDK, module github.com/cosmos/cosmos-sdk/store/v2 v2.0.0 (of SDK
# v0.54.4): if the first state-sync snapshot of a multistore is at a height other
# than the snapshot interval, the multistore is not pruned until the process
# restarts.
#
# The pruning manager's list of snapshot heights begins with 0. It treats each
# interval without a snapshot as one whose snapshot is still in progress. With an
# interval of 10, snapshots that are enabled at height 1005 (or a chain whose
# initial height is 1005, or one that state-synced to it) leave a gap from 0 to
# 1010, and GetPruningHeight returns 9 from then on.
#
# The script uses only public methods, as rootmulti.Store does: SetOptions,
# SetSnapshotInterval, LoadSnapshotHeights, AnnounceSnapshotHeight,
# HandleSnapshotHeight, GetPruningHeight. It prints
#
#     snapshots at 10, 20, 30: may prune up to 37
#     snapshots at 1010, 1020, 1030: may prune up to 9
#
# Expected in the second line: 1037. Exit code 0: reproduced; 1: not reproduced.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
unset GOFLAGS GOWORK
export GOFLAGS=-mod=mod
cat >go.mod <<'MOD'
module finding

go 1.25.0

require (
	cosmossdk.io/log/v2 v2.1.0
	github.com/cosmos/cosmos-db v1.1.3
	github.com/cosmos/cosmos-sdk/store/v2 v2.0.0
)
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"

	"cosmossdk.io/log/v2"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/store/v2/pruning"
	"github.com/cosmos/cosmos-sdk/store/v2/pruning/types"
)

func main() {
	for _, first := range []int64{10, 1010} {
		db := dbm.NewMemDB()
		manager := pruning.NewManager(db, log.NewNopLogger())
		manager.SetOptions(types.NewCustomPruningOptions(2, 10))
		manager.SetSnapshotInterval(10)
		if err := manager.LoadSnapshotHeights(db); err != nil {
			panic(err)
		}
		for i := range int64(3) {
			manager.AnnounceSnapshotHeight(first + 10*i)
			manager.HandleSnapshotHeight(first + 10*i)
		}
		fmt.Printf("snapshots at %d, %d, %d: may prune up to %d\n",
			first, first+10, first+20, manager.GetPruningHeight(first+30))
	}
}
GO
go run . | tee seen
diff - seen <<'SEEN'
snapshots at 10, 20, 30: may prune up to 37
snapshots at 1010, 1020, 1030: may prune up to 9
SEEN
