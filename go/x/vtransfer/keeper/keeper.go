// Package keeper reports transfers of watched addresses to the kernel, and
// writes the acknowledgements that the kernel decides.
package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"

	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"
	porttypes "github.com/cosmos/ibc-go/v11/modules/core/05-port/types"

	vibctypes "github.com/agd-bridge/agd-bridge/go/x/vibc/types"
	"github.com/agd-bridge/agd-bridge/go/x/vtransfer/types"
)

// Keeper has the watched addresses and the pending packets in its store. It may
// be used from any goroutine that may use the context.
type Keeper struct {
	// watched are the addresses whose transfers the kernel wants to know of.
	// The value, true, is one byte: the tree cannot prove an empty value.
	watched collections.Map[string, bool]
	// originals are the data of packets whose address is hooked, as the other
	// chain or the sender wrote them.
	originals collections.Map[string, []byte]
	// acks are the acknowledgements of the module of transfers that the kernel
	// has not written yet.
	acks collections.Map[string, []byte]

	// below is the wrapper that takes what the middleware sends.
	below   porttypes.ICS4Wrapper
	actions vibctypes.Actions
}

// NewKeeper returns a keeper of the module. below takes what the middleware
// sends.
func NewKeeper(store corestore.KVStoreService, below porttypes.ICS4Wrapper, actions vibctypes.Actions) *Keeper {
	schema := collections.NewSchemaBuilder(store)
	bytes := func(prefix, name string) collections.Map[string, []byte] {
		return collections.NewMap(schema, collections.NewPrefix(prefix), name, collections.StringKey, collections.BytesValue)
	}
	k := &Keeper{
		watched:   collections.NewMap(schema, collections.NewPrefix("watchedAddress/"), "watched", collections.StringKey, collections.BoolValue),
		originals: bytes("originalData/", "originals"),
		acks:      bytes("acknowledgement/", "acks"),
		below:     below,
		actions:   actions,
	}
	if _, err := schema.Build(); err != nil {
		panic(err)
	}
	return k
}

// isWatched reports whether the kernel watches an address. Any text may stand
// for an address in a packet, also one that is too long for a key.
func (k *Keeper) isWatched(ctx context.Context, address string) (bool, error) {
	if len(address) > types.MaxTargetBytes {
		return false, nil
	}
	return k.watched.Has(ctx, address)
}

// sentKey is the key of a packet that this chain has sent.
func sentKey(port, channel string, sequence uint64) string {
	return fmt.Sprintf("src/ports/%s/channels/%s/sequences/%d", port, channel, sequence)
}

// receivedKey is the key of a packet that this chain has received.
func receivedKey(packet channeltypes.Packet) string {
	return fmt.Sprintf("dst/ports/%s/channels/%s/sequences/%d", packet.DestinationPort, packet.DestinationChannel, packet.Sequence)
}

// InitGenesis sets the state.
func (k *Keeper) InitGenesis(ctx context.Context, state types.GenesisState) error {
	for _, address := range state.WatchedAddresses {
		if err := k.watched.Set(ctx, address, true); err != nil {
			return err
		}
	}
	for _, pending := range state.OriginalData {
		if err := k.originals.Set(ctx, pending.Key, pending.Value); err != nil {
			return err
		}
	}
	for _, pending := range state.Acknowledgements {
		if err := k.acks.Set(ctx, pending.Key, pending.Value); err != nil {
			return err
		}
	}
	return nil
}

// ExportGenesis returns the state.
func (k *Keeper) ExportGenesis(ctx context.Context) (types.GenesisState, error) {
	state := types.GenesisState{WatchedAddresses: []string{}, OriginalData: []types.Pending{}, Acknowledgements: []types.Pending{}}
	err := k.watched.Walk(ctx, nil, func(address string, _ bool) (bool, error) {
		state.WatchedAddresses = append(state.WatchedAddresses, address)
		return false, nil
	})
	if err != nil {
		return state, err
	}
	into := func(list *[]types.Pending) func(key string, value []byte) (bool, error) {
		return func(key string, value []byte) (bool, error) {
			*list = append(*list, types.Pending{Key: key, Value: value})
			return false, nil
		}
	}
	if err := k.originals.Walk(ctx, nil, into(&state.OriginalData)); err != nil {
		return state, err
	}
	return state, k.acks.Walk(ctx, nil, into(&state.Acknowledgements))
}
