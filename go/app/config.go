// Package app is the Cosmos SDK application: standard modules, IBC, the
// kernel's modules (x/vstorage, x/vbank, x/swingset, x/vibc, x/vlocalchain,
// x/vtransfer), and the two-phase commit of kernel store and chain store.
package app

import (
	"os"
	"path/filepath"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	icatypes "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/types"
	transfertypes "github.com/cosmos/ibc-go/v11/modules/apps/transfer/types"

	vbanktypes "github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

const (
	// Name is the application's name in its own logs and version.
	Name = "agd"
	// BondDenom is the staking coin, FeeDenom the stable coin, as on Agoric's chain.
	BondDenom = "ubld"
	FeeDenom  = "uist"
	// AccountPrefix is the bech32 prefix of accounts; the kernel checks it.
	AccountPrefix = "agoric"
	// CoinType is Agoric's registered SLIP-44 coin type.
	CoinType = 564
)

// DefaultNodeHome is agd's home directory unless --home names another.
var DefaultNodeHome = defaultNodeHome()

func defaultNodeHome() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ".agd"
	}
	return filepath.Join(home, ".agd")
}

// SetupSDK sets the SDK's process-wide configuration: prefixes, coin type,
// default denom. The command line calls it once, before any other use of the
// SDK.
func SetupSDK() {
	sdk.DefaultBondDenom = BondDenom
	config := sdk.GetConfig()
	config.SetBech32PrefixForAccount(AccountPrefix, AccountPrefix+"pub")
	config.SetBech32PrefixForValidator(AccountPrefix+"valoper", AccountPrefix+"valoperpub")
	config.SetBech32PrefixForConsensusNode(AccountPrefix+"valcons", AccountPrefix+"valconspub")
	config.SetCoinType(CoinType)
	config.SetPurpose(44)
	config.Seal()
}

// moduleAccounts are the module accounts and their permissions.
var moduleAccounts = map[string][]string{
	authtypes.FeeCollectorName:     nil,
	distrtypes.ModuleName:          nil,
	minttypes.ModuleName:           {authtypes.Minter},
	stakingtypes.BondedPoolName:    {authtypes.Burner, authtypes.Staking},
	stakingtypes.NotBondedPoolName: {authtypes.Burner, authtypes.Staking},
	govtypes.ModuleName:            {authtypes.Burner},
	vbanktypes.ModuleName:          {authtypes.Minter, authtypes.Burner},
	vbanktypes.GiveawayPoolName:    nil,
	vbanktypes.ReservePoolName:     nil,
	vbanktypes.ProvisionPoolName:   nil,
	transfertypes.ModuleName:       {authtypes.Minter, authtypes.Burner},
	icatypes.ModuleName:            nil,
}

// receivers are the module accounts that users may send coins to.
var receivers = map[string]bool{
	govtypes.ModuleName:          true,
	vbanktypes.ReservePoolName:   true,
	vbanktypes.ProvisionPoolName: true,
}

// blockedAddresses returns the addresses that a send must not pay: the module
// accounts, except the receivers.
func blockedAddresses() map[string]bool {
	blocked := map[string]bool{}
	for name := range moduleAccounts {
		if !receivers[name] {
			blocked[authtypes.NewModuleAddress(name).String()] = true
		}
	}
	return blocked
}
