package keeper

import (
	"context"
	"errors"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// errRestore is why a genesis with export data is refused: its kernel state
// would have to come from the artifacts of a swing-store export.
var errRestore = errors.New("swingset: a genesis with swing-store export data needs the kernel's state restored, which is not supported; remove swingStoreExportData and swingStoreExportDataHash to boot the kernel anew")

// errKernelStore is why a genesis with the kernel's part of the chain's store
// is refused: it belongs to a kernel that is not restored.
var errKernelStore = errors.New("swingset: a genesis with kernelStore belongs to a kernel whose state would have to be restored, which is not supported; remove kernelStore to boot the kernel anew")

// InitGenesis sets parameters and state.
func (k *Keeper) InitGenesis(ctx context.Context, genesis *types.GenesisState) error {
	if len(genesis.SwingStoreExportData) > 0 || genesis.SwingStoreExportDataHash != "" {
		return errRestore
	}
	if len(genesis.KernelStore) > 0 {
		return errKernelStore
	}
	if err := k.SetParams(ctx, genesis.Params); err != nil {
		return err
	}
	return k.state.Set(ctx, genesis.State)
}

// ExportGenesis returns parameters, state, and in key order the export data
// and the kernel's part of the store.
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
	if err != nil {
		return nil, err
	}
	err = k.kernelStore.Walk(ctx, func(key, value string) {
		genesis.KernelStore = append(genesis.KernelStore, &types.KernelStoreEntry{Key: key, Value: value})
	})
	return genesis, err
}
