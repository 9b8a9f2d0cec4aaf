package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/x/staking"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/swingstore"
	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// Export returns the state of the loaded height as a genesis.
func (app *App) Export(forZeroHeight bool, modules []string) (servertypes.ExportedApp, error) {
	if forZeroHeight {
		return servertypes.ExportedApp{}, errors.New("--for-zero-height is not supported: the kernel's state cannot start over at height 0")
	}
	genesis, err := app.exportModules(modules)
	if err != nil {
		return servertypes.ExportedApp{}, err
	}
	return app.exported(genesis)
}

// ExportWithKernel is Export for a genesis that belongs to an export of the
// kernel's store. In place of the swing-store's export data the genesis holds
// their hash; the data are returned in key order.
func (app *App) ExportWithKernel() (servertypes.ExportedApp, []*swingsettypes.SwingStoreExportDataEntry, error) {
	genesis, err := app.exportModules(nil)
	if err != nil {
		return servertypes.ExportedApp{}, nil, err
	}
	var state swingsettypes.GenesisState
	if err := app.encoding.Codec.UnmarshalJSON(genesis[swingsettypes.ModuleName], &state); err != nil {
		return servertypes.ExportedApp{}, nil, err
	}
	data := state.SwingStoreExportData
	state.SwingStoreExportData = []*swingsettypes.SwingStoreExportDataEntry{}
	state.SwingStoreExportDataHash = swingstore.Hash(data)
	if genesis[swingsettypes.ModuleName], err = app.encoding.Codec.MarshalJSON(&state); err != nil {
		return servertypes.ExportedApp{}, nil, err
	}
	exported, err := app.exported(genesis)
	return exported, data, err
}

// exportModules exports the named modules, all if there are none.
func (app *App) exportModules(modules []string) (map[string]json.RawMessage, error) {
	if app.LastBlockHeight() == 0 {
		return nil, errors.New("this home has no block yet: there is nothing to export")
	}
	genesis, err := app.Modules.ExportGenesisForModules(app.NewContext(true), app.encoding.Codec, modules)
	if err != nil {
		return nil, fmt.Errorf("modules: %w", err)
	}
	return genesis, nil
}

func (app *App) exported(genesis map[string]json.RawMessage) (servertypes.ExportedApp, error) {
	state, err := json.MarshalIndent(genesis, "", "  ")
	if err != nil {
		return servertypes.ExportedApp{}, err
	}
	ctx := app.NewContext(true)
	validators, err := staking.WriteValidators(ctx, app.Staking)
	return servertypes.ExportedApp{
		AppState:        state,
		Validators:      validators,
		Height:          app.LastBlockHeight() + 1,
		ConsensusParams: app.GetConsensusParams(ctx),
	}, err
}

// LastBlockTime returns the time of the last committed block. The kernel's
// timers cannot go back, so a chain that continues from an export starts with
// this time.
func (app *App) LastBlockTime() (time.Time, error) {
	store, ok := app.CommitMultiStore().(interface {
		GetCommitInfo(version int64) (*storetypes.CommitInfo, error)
	})
	if !ok {
		return time.Time{}, errors.New("the chain's store does not keep the times of its blocks")
	}
	info, err := store.GetCommitInfo(app.LastBlockHeight())
	if err != nil {
		return time.Time{}, err
	}
	return info.Timestamp.UTC(), nil
}
