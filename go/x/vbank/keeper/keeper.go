// Package keeper connects x/bank and the kernel: it reports changed balances to
// the kernel, and moves coins for it. It has no balances of its own.
package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	"github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

// Keeper has parameters and state in its store. It is a value without state
// of its own; it may be used from any goroutine that may use the context.
type Keeper struct {
	params collections.Item[types.Params]
	state  collections.Item[types.State]

	transientKey      *storetypes.TransientStoreKey
	account           types.AccountKeeper
	bank              types.BankKeeper
	actions           types.ActionPusher
	rewardDistributor string
}

// NewKeeper returns a keeper. bank must write through a store service that
// NewRecordingStoreService returned for the same transientKey. Rewards go to
// the module account named rewardDistributor.
func NewKeeper(
	cdc codec.BinaryCodec,
	store corestore.KVStoreService,
	transientKey *storetypes.TransientStoreKey,
	account types.AccountKeeper,
	bank types.BankKeeper,
	actions types.ActionPusher,
	rewardDistributor string,
) Keeper {
	schema := collections.NewSchemaBuilder(store)
	k := Keeper{
		params:            collections.NewItem(schema, collections.NewPrefix("params"), "params", codec.CollValue[types.Params](cdc)),
		state:             collections.NewItem(schema, collections.NewPrefix("state"), "state", codec.CollValue[types.State](cdc)),
		transientKey:      transientKey,
		account:           account,
		bank:              bank,
		actions:           actions,
		rewardDistributor: rewardDistributor,
	}
	if _, err := schema.Build(); err != nil {
		panic(err)
	}
	return k
}

// Params returns the parameters; before genesis, zero ones.
func (k Keeper) Params(ctx context.Context) (types.Params, error) {
	return getOrZero(ctx, k.params)
}

// SetParams validates and sets the parameters.
func (k Keeper) SetParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	return k.params.Set(ctx, params)
}

// State returns the state; before genesis, a zero one.
func (k Keeper) State(ctx context.Context) (types.State, error) {
	return getOrZero(ctx, k.state)
}

// setState sets the state. A zero state has no entry: its value would be empty,
// and the tree cannot prove an empty value, nor the absence of its neighbour
// (ICS-23).
func (k Keeper) setState(ctx context.Context, state types.State) error {
	if state.Size() == 0 {
		return k.state.Remove(ctx)
	}
	return k.state.Set(ctx, state)
}

// Migrate1to2 removes the entry of a zero state.
func (k Keeper) Migrate1to2(ctx context.Context) error {
	state, err := k.State(ctx)
	if err != nil {
		return err
	}
	return k.setState(ctx, state)
}

// InitGenesis sets parameters and state.
func (k Keeper) InitGenesis(ctx context.Context, genesis *types.GenesisState) error {
	if err := k.SetParams(ctx, genesis.Params); err != nil {
		return err
	}
	return k.setState(ctx, genesis.State)
}

// ExportGenesis returns parameters and state.
func (k Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return nil, err
	}
	state, err := k.State(ctx)
	return &types.GenesisState{Params: params, State: state}, err
}

// nextNonce returns the nonce of the next balance update. The kernel drops an
// update that is older than one it has seen.
func (k Keeper) nextNonce(ctx context.Context) (uint64, error) {
	state, err := k.State(ctx)
	if err != nil {
		return 0, err
	}
	state.LastSequence++
	return state.LastSequence, k.setState(ctx, state)
}

func getOrZero[V any](ctx context.Context, item collections.Item[V]) (V, error) {
	value, err := item.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		err = nil
	}
	return value, err
}
