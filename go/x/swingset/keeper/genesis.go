package keeper

import (
	"context"
	"errors"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// errRestore is why a genesis with export data is refused: its kernel state
// would have to come from the artifacts of a swing-store export.
var errRestore = errors.New("swingset: a genesis with swing-store export data needs the kernel's state restored, which is not supported; remove swingStoreExportData and swingStoreExportDataHash to boot the kernel anew")

// InitGenesis sets parameters and state.
func (k *Keeper) InitGenesis(ctx context.Context, genesis *types.GenesisState) error {
	if len(genesis.SwingStoreExportData) > 0 || genesis.SwingStoreExportDataHash != "" {
		return errRestore
	}
	if err := k.SetParams(ctx, genesis.Params); err != nil {
		return err
	}
	return k.state.Set(ctx, genesis.State)
}

// ExportGenesis returns parameters, state and the export data in key order.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	genesis := types.DefaultGenesisState()
	var err error
	if genesis.Params, err = k.Params(ctx); err != nil {
		return nil, err
	}
	if genesis.State, err = k.State(ctx); err != nil {
		return nil, err
	}
	err = k.exportData.Walk(ctx, nil, func(key, value string) (stop bool, err error) {
		genesis.SwingStoreExportData = append(genesis.SwingStoreExportData,
			&types.SwingStoreExportDataEntry{Key: key, Value: value})
		return false, nil
	})
	return genesis, err
}
