// Package keeper drives the kernel. It sends the block's actions, queues
// actions for the kernel, and keeps the swing-store's export data, so that the
// app hash covers the kernel's state.
package keeper

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/kernelstore"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// Keeper has parameters, state and export data in its store. In memory it knows
// whether this process has started the kernel. Block actions come only from
// consensus' goroutine. Everything else may be used from any goroutine that may
// use the context.
type Keeper struct {
	params     collections.Item[types.Params]
	state      collections.Item[types.State]
	exportData collections.Map[string, string]
	pending    pendingInstalls
	// store holds all of these.
	store corestore.KVStoreService
	// kernelStore is in the same store, below its own prefix.
	kernelStore kernelstore.Store

	storage  types.StorageKeeper
	accounts types.AccountKeeper
	bank     types.BankKeeper
	blocks   vm.BlockRunner
	config   types.KernelConfig
	// feeCollector is the module account that gets the kernel's fees.
	feeCollector string
	// authority is the address that may send MsgCoreEval.
	authority string

	mu      sync.Mutex
	started bool
	upgrade *types.UpgradeDetails
}

// NewKeeper returns a keeper that drives kernel; the caller keeps ownership of
// kernel. feeCollector names the module account that gets the kernel's fees;
// authority is the address of governance; config holds the node operator's
// options.
func NewKeeper(
	cdc codec.BinaryCodec,
	store corestore.KVStoreService,
	storage types.StorageKeeper,
	accounts types.AccountKeeper,
	bank types.BankKeeper,
	feeCollector string,
	authority string,
	blocks vm.BlockRunner,
	config types.KernelConfig,
) *Keeper {
	schema := collections.NewSchemaBuilder(store)
	k := &Keeper{
		kernelStore: kernelstore.New(store),
		params:      collections.NewItem(schema, collections.NewPrefix("params"), "params", codec.CollValue[types.Params](cdc)),
		state:       collections.NewItem(schema, collections.NewPrefix("state"), "state", codec.CollValue[types.State](cdc)),
		exportData:  newExportData(schema),
		pending:     newPendingInstalls(schema, cdc),
		store:       store,
		storage:     storage,
		accounts:    accounts,
		bank:        bank,
		blocks:      blocks,
		config:      config,

		feeCollector: feeCollector,
		authority:    authority,
	}
	if _, err := schema.Build(); err != nil {
		panic(err)
	}
	return k
}

// Params returns the parameters; before genesis, zero ones.
func (k *Keeper) Params(ctx context.Context) (types.Params, error) {
	return getOrZero(ctx, k.params)
}

// SetParams validates and sets the parameters. The kernel gets them when the
// next block begins.
func (k *Keeper) SetParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	return k.params.Set(ctx, params)
}

// State returns the state; before the first block, a zero one.
func (k *Keeper) State(ctx context.Context) (types.State, error) {
	return getOrZero(ctx, k.state)
}

// ExportDataEntry returns an entry of the swing-store's export data, also from
// a state that the upgrade to version 2 has not migrated yet: agd compares the
// two stores before that block. Values of version 1 are text without a mark.
func (k *Keeper) ExportDataEntry(ctx context.Context, key string) (value string, found bool, err error) {
	raw, err := k.store.OpenKVStore(ctx).Get(append(slices.Clone(exportDataPrefix), key...))
	if err != nil || raw == nil {
		return "", false, err
	}
	if len(raw) > 0 && raw[0] == exportDataMark {
		raw = raw[1:]
	}
	return string(raw), true, nil
}

// PushAction appends an action to the kernel's action queue, which it consumes
// in END_BLOCK. txHash and msgIdx identify the origin of the action; together
// they are unique in the block. An action that the kernel could not read or
// pass on is refused (MaxActionBytes).
func (k *Keeper) PushAction(ctx sdk.Context, action any, txHash string, msgIdx int) error {
	return k.push(ctx, types.PathActionQueue, action, txHash, msgIdx)
}

// PushHighPriorityAction is PushAction with the queue that the kernel consumes
// first.
func (k *Keeper) PushHighPriorityAction(ctx sdk.Context, action any, txHash string, msgIdx int) error {
	return k.push(ctx, types.PathHighPriorityQueue, action, txHash, msgIdx)
}

func (k *Keeper) push(ctx sdk.Context, queue string, action any, txHash string, msgIdx int) error {
	record, err := recordOf(ctx, action, txHash, msgIdx)
	if err != nil {
		return err
	}
	return k.storage.PushQueueItem(ctx, queue, record)
}

// updateQueueAllowed sets how many more actions the inbound queues take: the
// rest of their maximum and, for the mempool, of its share.
func (k *Keeper) updateQueueAllowed(ctx sdk.Context) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	most, found := types.Size(params.QueueMax, types.QueueInbound)
	if !found {
		return errors.New("params: queue_max has no " + types.QueueInbound)
	}
	queued, err := k.queued(ctx)
	if err != nil {
		return err
	}
	left := func(most int32) int32 {
		return max(0, most-int32(min(queued, math.MaxInt32)))
	}
	state, err := k.State(ctx)
	if err != nil {
		return err
	}
	state.QueueAllowed = []types.QueueSize{
		{Key: types.QueueInbound, Size_: left(most)},
		{Key: types.QueueInboundMempool, Size_: left(most / 2)},
	}
	return k.state.Set(ctx, state)
}

// queued returns how many actions the inbound queues hold.
func (k *Keeper) queued(ctx sdk.Context) (uint64, error) {
	var queued uint64
	for _, queue := range []string{types.PathHighPriorityQueue, types.PathActionQueue} {
		length, err := k.storage.QueueLength(ctx, queue)
		if err != nil {
			return 0, err
		}
		queued += length
	}
	return queued, nil
}

func getOrZero[V any](ctx context.Context, item collections.Item[V]) (V, error) {
	value, err := item.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		err = nil
	}
	return value, err
}
