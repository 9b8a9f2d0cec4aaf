package keeper

import (
	"context"

	corestore "cosmossdk.io/core/store"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/internal/counters"
	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// writable returns the store for changes. If telemetry is on, the store counts
// their bytes, but consumes the same gas.
func (k Keeper) writable(ctx context.Context) corestore.KVStore {
	store := k.store.OpenKVStore(ctx)
	if !counters.On() {
		return store
	}
	unmetered := sdk.UnwrapSDKContext(ctx).WithGasMeter(storetypes.NewInfiniteGasMeter())
	return countedStore{store, k.store.OpenKVStore(unmetered)}
}

// countedStore counts the bytes of its changes.
type countedStore struct {
	corestore.KVStore
	// former reads what a change replaces, without gas.
	former corestore.KVStore
}

// Set implements corestore.KVStore.
func (s countedStore) Set(key, value []byte) error {
	former, err := s.former.Get(key)
	if err != nil {
		return err
	}
	written := len(value)
	if former == nil {
		written += len(key)
	}
	counters.StoreSize(types.StoreKey, written, len(former))
	return s.KVStore.Set(key, value)
}

// Delete implements corestore.KVStore.
func (s countedStore) Delete(key []byte) error {
	former, err := s.former.Get(key)
	if err != nil {
		return err
	}
	if former != nil {
		counters.StoreSize(types.StoreKey, 0, len(key)+len(former))
	}
	return s.KVStore.Delete(key)
}
