// Package vtransfer reports transfers over IBC to the kernel's vats: the bridge
// `vtransfer`.
package vtransfer

import (
	"github.com/agd-bridge/agd-bridge/go/x/internal/portmodule"
	"github.com/agd-bridge/agd-bridge/go/x/vtransfer/keeper"
	"github.com/agd-bridge/agd-bridge/go/x/vtransfer/types"
)

// NewAppModule returns the module of a keeper.
func NewAppModule(k *keeper.Keeper) portmodule.Module[types.GenesisState] {
	return portmodule.Module[types.GenesisState]{
		ModuleName: types.ModuleName,
		Version:    1,
		Default:    `{"watched_addresses":[],"original_data":[],"acknowledgements":[]}`,
		Parse:      types.ParseGenesis,
		Import:     k.InitGenesis,
		Export:     k.ExportGenesis,
	}
}
