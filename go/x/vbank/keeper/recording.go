package keeper

import (
	"bytes"
	"context"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

// balanceKey reads x/bank's key of a balance, without its prefix.
var balanceKey = collections.PairKeyCodec(sdk.AccAddressKey, collections.StringKey)

// NewRecordingStoreService returns the store service for x/bank's keeper. It
// writes to inner, and records in the transient store every balance that is set
// or deleted. x/bank's own hooks are not enough: its send restrictions miss
// mint, burn, delegate and undelegate, and EndBlock sees no earlier events.
//
// The record is made in the context's own branch of the stores, so a failed
// transaction reverts it. It costs no gas, so that transactions cost as much as
// on any Cosmos SDK chain. transientKey must be mounted.
func NewRecordingStoreService(inner corestore.KVStoreService, transientKey *storetypes.TransientStoreKey) corestore.KVStoreService {
	return recordingService{inner: inner, transientKey: transientKey}
}

type recordingService struct {
	inner        corestore.KVStoreService
	transientKey *storetypes.TransientStoreKey
}

func (s recordingService) OpenKVStore(ctx context.Context) corestore.KVStore {
	return recordingStore{KVStore: s.inner.OpenKVStore(ctx), ctx: ctx, transientKey: s.transientKey}
}

type recordingStore struct {
	corestore.KVStore
	ctx          context.Context
	transientKey *storetypes.TransientStoreKey
}

func (s recordingStore) Set(key, value []byte) error {
	s.record(key)
	return s.KVStore.Set(key, value)
}

func (s recordingStore) Delete(key []byte) error {
	s.record(key)
	return s.KVStore.Delete(key)
}

func (s recordingStore) record(key []byte) {
	if balance, is := bytes.CutPrefix(key, banktypes.BalancesPrefix.Bytes()); is {
		changedBalances(sdk.UnwrapSDKContext(s.ctx), s.transientKey).Set(balance, []byte{1})
	}
}

// changedBalances returns the transient store without gas metering. Its keys
// are balances.
func changedBalances(ctx sdk.Context, transientKey *storetypes.TransientStoreKey) storetypes.KVStore {
	return ctx.MultiStore().GetKVStore(transientKey)
}

// balanceID is a changed balance.
type balanceID struct {
	address sdk.AccAddress
	denom   string
}

// changed returns the balances that the block changed so far, in key order.
func (k Keeper) changed(ctx sdk.Context) ([]balanceID, error) {
	iterator := changedBalances(ctx, k.transientKey).Iterator(nil, nil)
	var balances []balanceID
	for ; iterator.Valid(); iterator.Next() {
		_, pair, err := balanceKey.Decode(iterator.Key())
		if err != nil {
			_ = iterator.Close() // the first error is more useful
			return nil, err
		}
		balances = append(balances, balanceID{address: pair.K1(), denom: pair.K2()})
	}
	return balances, iterator.Close()
}
