//go:build next

package app

import (
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/x/auth"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/bank"
	distr "github.com/cosmos/cosmos-sdk/x/distribution"
	"github.com/cosmos/cosmos-sdk/x/gov"
	"github.com/cosmos/cosmos-sdk/x/mint"
	"github.com/cosmos/cosmos-sdk/x/slashing"
	"github.com/cosmos/cosmos-sdk/x/staking"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// The fees of a validator's new consensus key are burnt from here.
func init() {
	moduleAccounts[stakingtypes.KeyRotationFeePoolName] = []string{authtypes.Burner}
}

// standardModules returns the SDK's modules whose constructors have one argument
// less than in Cosmos SDK 0.54.
func standardModules(app *App) []module.AppModule {
	cdc, k := app.encoding.Codec, app.Keepers
	return []module.AppModule{
		auth.NewAppModule(cdc, k.Account, nil),
		bank.NewAppModule(cdc, k.Bank, k.Account),
		gov.NewAppModule(cdc, k.Gov, k.Account, k.Bank),
		mint.NewAppModule(cdc, k.Mint, k.Account, nil),
		slashing.NewAppModule(cdc, k.Slashing, k.Account, k.Bank, k.Staking, app.encoding.Registry),
		distr.NewAppModule(cdc, k.Distribution, k.Account, k.Bank, k.Staking),
		staking.NewAppModule(cdc, k.Staking, k.Account, k.Bank),
	}
}
