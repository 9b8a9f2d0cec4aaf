package cli

import (
	"context"
	"slices"
	"time"

	"github.com/cosmos/cosmos-sdk/server"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
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
		return home.BlockTime(svr.Config, height)
	})
}
