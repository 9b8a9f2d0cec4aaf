package keeper

import (
	"bytes"
	"context"
	"fmt"

	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// InitGenesis writes the data. It emits no events.
func (k Keeper) InitGenesis(ctx context.Context, state *types.GenesisState) error {
	for _, entry := range state.Data {
		if err := k.SetWithoutNotify(ctx, types.NewEntry(entry.Path, entry.Value)); err != nil {
			return err
		}
	}
	return nil
}

// ExportGenesis returns all data, in the order of the keys.
func (k Keeper) ExportGenesis(ctx context.Context) (state *types.GenesisState, err error) {
	iterator, err := k.store.OpenKVStore(ctx).Iterator(nil, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = closeIterator(iterator, err) }()
	state = types.DefaultGenesisState()
	for ; iterator.Valid(); iterator.Next() {
		raw := iterator.Value()
		if bytes.Equal(raw, placeholder) {
			continue
		}
		path, err := types.KeyToPath(iterator.Key())
		if err != nil {
			return nil, err
		}
		if len(raw) == 0 || raw[0] != dataPrefix {
			return nil, fmt.Errorf("value at path %q starts with unexpected prefix", path)
		}
		state.Data = append(state.Data, &types.DataEntry{Path: path, Value: string(raw[1:])})
	}
	return state, nil
}
