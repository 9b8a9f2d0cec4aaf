package home

import (
	"os"
	"syscall"
	"testing"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/stretchr/testify/require"
)

func TestTheErrorOfAStoreSaysWhatToDo(t *testing.T) {
	for reason, remedy := range map[error]string{
		syscall.EAGAIN: "stop it first",
		syscall.ENOSPC: "make room",
		syscall.EACCES: "home's owner",
		syscall.EMFILE: "ulimit",
		errEmpty:       restoreHome,
	} {
		wrapped := errOf("/home/data/state.db", func() error { return &os.PathError{Op: "open", Path: "LOG", Err: reason} })
		require.ErrorContains(t, wrapped, "/home/data/state.db: ")
		require.ErrorContains(t, wrapped, remedy)
	}
	require.EqualError(t, errOf("/home/data/tx_index.db", func() error { panic("no block 7") }),
		"/home/data/tx_index.db: no block 7: "+remedyOf("tx_index.db"))
}

func TestStoresAtHeightsThatDoNotFitAreRefused(t *testing.T) {
	comet := cmtcfg.DefaultConfig()
	comet.SetRoot("/home")
	for name, c := range map[string]struct {
		heights storeHeights
		refused string
	}{
		"nothing yet":                         {storeHeights{}, ""},
		"the first block is being made":       {storeHeights{first: 1, last: 1}, ""},
		"a death in the first block's commit": {storeHeights{app: 1, first: 1, last: 1}, ""},
		"all alike":                           {storeHeights{state: 7, app: 7, first: 1, last: 7}, ""},
		"a block is being made":               {storeHeights{state: 6, app: 6, first: 1, last: 7}, ""},
		"the application has committed it":    {storeHeights{state: 6, app: 7, first: 1, last: 7}, ""},
		"the application is to be replayed":   {storeHeights{state: 7, app: 0, first: 1, last: 7}, ""},
		"state-synced":                        {storeHeights{state: 7, app: 7, synced: true}, ""},
		"pruned":                              {storeHeights{state: 7, app: 7, first: 5, last: 7}, ""},
		"restored, not bootstrapped":          {storeHeights{app: 7}, "agd comet bootstrap-state"},
		"no blocks":                           {storeHeights{state: 7, app: 7}, "blockstore.db has no block, but /home/data/state.db is at height 7"},
		"no state":                            {storeHeights{app: 7, first: 1, last: 7}, "state.db has no block, but /home/data/blockstore.db ends with block 7"},
		"blocks of before":                    {storeHeights{state: 7, app: 5, first: 1, last: 5}, "blockstore.db ends with block 5, but /home/data/state.db is at height 7"},
		"a state of before":                   {storeHeights{state: 5, app: 7, first: 1, last: 7}, "state.db is at height 5, but /home/data/blockstore.db ends with block 7"},
		"an application of later":             {storeHeights{state: 5, app: 7, first: 1, last: 5}, "application.db is at height 7, but /home/data/blockstore.db ends with block 5"},
		"an application before the pruning":   {storeHeights{state: 7, app: 3, first: 5, last: 7}, "application.db is at height 3, but /home/data/blockstore.db begins with block 5"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.heights.check(comet)
			if c.refused == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.refused)
		})
	}
}
