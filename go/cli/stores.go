package cli

import (
	"context"
	"slices"
	"time"

	cometdb "github.com/cometbft/cometbft-db"
	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/store"

	"github.com/cosmos/cosmos-sdk/server"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// checkStores refuses a home whose two stores do not belong together, before
// the kernel is started. A VM that is not agvm may have no such store: it is
// asked only if it says that it answers.
func checkStores(ctx context.Context, svr *server.Context, chain *app.App, k *kernel) error {
	if !slices.Contains(k.capabilities, vm.MethodSwingStoreState) {
		svr.Logger.Warn("the VM does not tell which kernel's store it has: whether it is this chain's is not checked")
		return nil
	}
	genesis := func() (app.Genesis, error) {
		found, err := genutiltypes.AppGenesisFromFile(svr.Config.GenesisFile())
		if err != nil {
			return app.Genesis{}, err
		}
		return app.Genesis{InitialHeight: found.InitialHeight, AppState: found.AppState}, nil
	}
	return chain.CheckKernelStore(ctx, vm.NewController(k), genesis, func(height int64) (time.Time, bool, error) {
		return blockTime(svr.Config, height)
	})
}

// blockTime is the time of a block that CometBFT has, which must not run yet.
func blockTime(comet *cmtcfg.Config, height int64) (at time.Time, found bool, err error) {
	err = readCometStore(comet, "blockstore", func(db cometdb.DB) error {
		if meta := store.NewBlockStore(db).LoadBlockMeta(height); meta != nil {
			at, found = meta.Header.Time, true
		}
		return nil
	})
	return at, found, err
}
