package keeper

import (
	"context"
	"errors"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/kernelstore"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// errHash refuses a genesis whose export data have not been read yet
// (swingstore.Complete).
var errHash = errors.New("swingset: the genesis has only the hash of the swing-store's export data")

// InitGenesis sets parameters and state, and the chain's part of a kernel's
// store that is being restored. The caller restores the kernel's own store.
func (k *Keeper) InitGenesis(ctx context.Context, genesis *types.GenesisState) error {
	if err := genesis.Validate(); err != nil {
		return err
	}
	if genesis.SwingStoreExportDataHash != "" {
		return errHash
	}
	if err := k.SetParams(ctx, genesis.Params.Completed()); err != nil {
		return err
	}
	for _, entry := range genesis.SwingStoreExportData {
		if err := k.exportData.Set(ctx, entry.Key, entry.Value); err != nil {
			return err
		}
	}
	changes := make([]kernelstore.Change, 0, len(genesis.KernelStore))
	for _, entry := range genesis.KernelStore {
		changes = append(changes, kernelstore.Change{Key: entry.Key, Value: &entry.Value})
	}
	if err := k.kernelStore.Apply(ctx, changes); err != nil {
		return err
	}
	if genesis.State.Size() == 0 {
		return nil // no entry has an empty value: there is no proof of one
	}
	if err := k.state.Set(ctx, genesis.State); err != nil {
		return err
	}
	return k.importInstallations(ctx, genesis.PendingInstallations)
}

// ExportGenesis returns parameters and state, and in key order the export data
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
	if genesis.PendingInstallations, err = k.exportInstallations(ctx); err != nil {
		return nil, err
	}
	data, err := k.ExportData(ctx)
	if err != nil {
		return nil, err
	}
	genesis.SwingStoreExportData = append(genesis.SwingStoreExportData, data...)
	err = k.kernelStore.Walk(ctx, func(key, value string) {
		genesis.KernelStore = append(genesis.KernelStore, &types.KernelStoreEntry{Key: key, Value: value})
	})
	return genesis, err
}

// ExportData returns the swing-store's export data in key order.
func (k *Keeper) ExportData(ctx context.Context) ([]*types.SwingStoreExportDataEntry, error) {
	var data []*types.SwingStoreExportDataEntry
	err := k.exportData.Walk(ctx, nil, func(key, value string) (stop bool, err error) {
		data = append(data, &types.SwingStoreExportDataEntry{Key: key, Value: value})
		return false, nil
	})
	return data, err
}
