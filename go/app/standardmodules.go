//go:build !next

package app

import (
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/x/auth"
	"github.com/cosmos/cosmos-sdk/x/bank"
	distr "github.com/cosmos/cosmos-sdk/x/distribution"
	"github.com/cosmos/cosmos-sdk/x/gov"
	"github.com/cosmos/cosmos-sdk/x/mint"
	"github.com/cosmos/cosmos-sdk/x/slashing"
	"github.com/cosmos/cosmos-sdk/x/staking"
)

// standardModules returns the SDK's modules whose constructors lose an argument
// in Cosmos SDK 0.55: the parameters of x/params.
//
//lint:ignore SA1019 module.NewManager takes them
func standardModules(app *App) []module.AppModule {
	cdc, k := app.encoding.Codec, app.Keepers
	//lint:ignore SA1019 as above
	return []module.AppModule{
		auth.NewAppModule(cdc, k.Account, nil, nil),
		bank.NewAppModule(cdc, k.Bank, k.Account, nil),
		gov.NewAppModule(cdc, k.Gov, k.Account, k.Bank, nil),
		mint.NewAppModule(cdc, k.Mint, k.Account, nil, nil),
		slashing.NewAppModule(cdc, k.Slashing, k.Account, k.Bank, k.Staking, nil, app.encoding.Registry),
		distr.NewAppModule(cdc, k.Distribution, k.Account, k.Bank, k.Staking, nil),
		staking.NewAppModule(cdc, k.Staking, k.Account, k.Bank, nil),
	}
}
