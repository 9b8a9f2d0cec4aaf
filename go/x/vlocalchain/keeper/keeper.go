// Package keeper lets the kernel act on this chain: it gives vats accounts,
// executes their messages and answers their queries.
package keeper

import (
	"context"
	"encoding/binary"
	"errors"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/address"

	"github.com/agd-bridge/agd-bridge/go/x/vlocalchain/types"
)

// Keeper has the last sequence in its store. It may be used from any goroutine
// that may use the context.
type Keeper struct {
	cdc codec.Codec
	// lastSequence counts the derived addresses.
	lastSequence collections.Item[uint64]
	messages     types.MsgRouter
	queries      types.QueryRouter
	accounts     types.AccountKeeper
}

// NewKeeper returns a keeper that executes messages and queries of these
// routers.
func NewKeeper(cdc codec.Codec, store corestore.KVStoreService, messages types.MsgRouter, queries types.QueryRouter, accounts types.AccountKeeper) *Keeper {
	schema := collections.NewSchemaBuilder(store)
	k := &Keeper{
		cdc:          cdc,
		lastSequence: collections.NewItem(schema, collections.NewPrefix("lastSequence"), "lastSequence", collections.Uint64Value),
		messages:     messages,
		queries:      queries,
		accounts:     accounts,
	}
	if _, err := schema.Build(); err != nil {
		panic(err)
	}
	return k
}

// LastSequence returns how many addresses the module has derived.
func (k *Keeper) LastSequence(ctx context.Context) (uint64, error) {
	last, err := k.lastSequence.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		err = nil
	}
	return last, err
}

// InitGenesis sets the state.
func (k *Keeper) InitGenesis(ctx context.Context, state types.GenesisState) error {
	if state.LastSequence == 0 {
		return nil
	}
	return k.lastSequence.Set(ctx, state.LastSequence)
}

// allocateAddress creates an account that no key controls. Its address depends
// on the previous block, so it cannot be known in advance.
func (k *Keeper) allocateAddress(ctx sdk.Context) (sdk.AccAddress, error) {
	parent := address.Module(types.ModuleName, []byte("localchain"))
	header := ctx.BlockHeader()
	for {
		last, err := k.LastSequence(ctx)
		if err != nil {
			return nil, err
		}
		if err := k.lastSequence.Set(ctx, last+1); err != nil {
			return nil, err
		}
		key := binary.BigEndian.AppendUint64(nil, last+1)
		key = append(append(key, header.AppHash...), header.DataHash...)
		derived := sdk.AccAddress(address.Derive(parent, key))
		if k.accounts.HasAccount(ctx, derived) {
			continue
		}
		k.accounts.SetAccount(ctx, k.accounts.NewAccountWithAddress(ctx, derived))
		return derived, nil
	}
}
