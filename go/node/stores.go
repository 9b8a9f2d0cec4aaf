package node

import (
	"context"
	"slices"
	"time"

	"github.com/cosmos/cosmos-sdk/server"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// checkStores refuses a home whose two stores do not belong together, before
// the kernel is started. A VM that is not agvm may have no such store, so agd
// asks only a VM with this capability.
func checkStores(ctx context.Context, svr *server.Context, chain *app.App, conn *vmproc.Conn) error {
	if !slices.Contains(conn.Capabilities, vm.MethodSwingStoreState) {
		svr.Logger.Warn("the VM does not report the state of its kernel's store: not compared with the chain's store")
		return nil
	}
	genesis := func() (app.Genesis, error) {
		found, err := genutiltypes.AppGenesisFromFile(svr.Config.GenesisFile())
		if err != nil {
			return app.Genesis{}, err
		}
		return app.Genesis{InitialHeight: found.InitialHeight, AppState: found.AppState}, nil
	}
	return chain.CheckKernelStore(ctx, vm.NewController(conn), genesis, func(height int64) (time.Time, bool, error) {
		return home.BlockTime(svr.Config, height)
	})
}
