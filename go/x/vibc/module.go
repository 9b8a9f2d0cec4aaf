// Package vibc connects the kernel's ports with IBC: the bridge `dibc` of the
// kernel's network vat.
package vibc

import (
	"context"

	"github.com/agd-bridge/agd-bridge/go/x/internal/portmodule"
	"github.com/agd-bridge/agd-bridge/go/x/vibc/keeper"
	"github.com/agd-bridge/agd-bridge/go/x/vibc/types"
)

// NewAppModule returns the module of a keeper. On Agoric's chain it has
// version 2 as well.
func NewAppModule(k *keeper.Keeper) portmodule.Module[types.GenesisState] {
	return portmodule.Module[types.GenesisState]{
		ModuleName: types.ModuleName,
		Version:    2,
		Default:    `{"ports":[]}`,
		Parse:      types.ParseGenesis,
		Import:     k.InitGenesis,
		Export: func(ctx context.Context) (types.GenesisState, error) {
			ports, err := k.Ports(ctx)
			return types.GenesisState{Ports: ports}, err
		},
	}
}
