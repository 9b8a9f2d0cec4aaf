// Package keeper connects the kernel with IBC: it keeps the ports that the
// kernel has bound, queues the events of their channels for the kernel, and
// serves its messages.
package keeper

import (
	"context"

	"cosmossdk.io/collections"
	corestore "cosmossdk.io/core/store"

	"github.com/agd-bridge/agd-bridge/go/x/vibc/types"
)

// Keeper has the bound ports in its store. It may be used from any goroutine
// that may use the context.
type Keeper struct {
	// ports are the bound ports. The value, true, is one byte: the tree cannot
	// prove an empty value (ICS-23).
	ports    collections.Map[string, bool]
	channels types.ChannelKeeper
	router   types.Router
	actions  types.Actions
}

// NewKeeper returns a keeper of the module. IBC must call NewIBCModule's module
// for every port that router routes to no other module.
func NewKeeper(store corestore.KVStoreService, channels types.ChannelKeeper, router types.Router, actions types.Actions) *Keeper {
	schema := collections.NewSchemaBuilder(store)
	k := &Keeper{
		ports:    collections.NewMap(schema, collections.NewPrefix("boundPort-"), "ports", collections.StringKey, collections.BoolValue),
		channels: channels,
		router:   router,
		actions:  actions,
	}
	if _, err := schema.Build(); err != nil {
		panic(err)
	}
	return k
}

// isKernels reports whether IBC calls this module for a port.
func (k *Keeper) isKernels(portID string) bool {
	found, ok := k.router.Route(portID)
	if !ok {
		return false
	}
	_, is := found.(*IBCModule)
	return is
}

// Ports returns the bound ports, in order.
func (k *Keeper) Ports(ctx context.Context) ([]string, error) {
	ports := []string{}
	err := k.ports.Walk(ctx, nil, func(port string, _ bool) (bool, error) {
		ports = append(ports, port)
		return false, nil
	})
	return ports, err
}

// InitGenesis binds the ports of a genesis.
func (k *Keeper) InitGenesis(ctx context.Context, state types.GenesisState) error {
	for _, port := range state.Ports {
		if err := k.ports.Set(ctx, port, true); err != nil {
			return err
		}
	}
	return nil
}
