package options

import (
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/cobra"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
)

// defaultKeepRecent is the number of snapshots that a node keeps. With the
// SDK's 2 and a short interval a snapshot is deleted while another node takes
// it.
const defaultKeepRecent = 5

// joinTime is the time that a joining node may need from the offer of a
// snapshot to its last chunk.
const joinTime = 5 * time.Minute

func keepSnapshots(cmd *cobra.Command) {
	if flag := cmd.Flags().Lookup(server.FlagStateSyncSnapshotKeepRecent); flag != nil {
		flag.DefValue = "5"
		_ = flag.Value.Set(flag.DefValue)
		flag.Usage = "State sync snapshots to keep, 0 for all"
	}
}

// WarnOfSnapshots logs a warning if snapshots are deleted before another node
// can take one.
func WarnOfSnapshots(logger log.Logger, comet *cmtcfg.Config, config serverconfig.Config) {
	interval, keep := config.StateSync.SnapshotInterval, config.StateSync.SnapshotKeepRecent
	life := time.Duration(interval) * time.Duration(keep) * comet.Consensus.TimeoutCommit
	if life > 0 && life < joinTime {
		logger.Warn("snapshots are deleted before a node that joins has taken one: raise state-sync.snapshot-keep-recent or state-sync.snapshot-interval",
			"deleted_after", life.String(), "wants", joinTime.String())
	}
}
