// Package vlocalchain lets the kernel's vats have accounts on this chain and
// act with them: the bridge `vlocalchain`.
package vlocalchain

import (
	"context"

	"github.com/agd-bridge/agd-bridge/go/x/internal/portmodule"
	"github.com/agd-bridge/agd-bridge/go/x/vlocalchain/keeper"
	"github.com/agd-bridge/agd-bridge/go/x/vlocalchain/types"
)

// NewAppModule returns the module of a keeper.
func NewAppModule(k *keeper.Keeper) portmodule.Module[types.GenesisState] {
	return portmodule.Module[types.GenesisState]{
		ModuleName: types.ModuleName,
		Version:    1,
		Default:    `{"last_sequence":"0"}`,
		Parse:      types.ParseGenesis,
		Import:     k.InitGenesis,
		Export: func(ctx context.Context) (types.GenesisState, error) {
			last, err := k.LastSequence(ctx)
			return types.GenesisState{LastSequence: last}, err
		},
	}
}
