package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"

	icatypes "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/types"
)

// A send or a provisioning creates a plain account for an address that has
// none. If that address is a module's, every later use of the module account
// panics. So all module accounts exist from InitChain on, and each upgrade
// creates those that its release adds and replaces those of another kind.

// makeModuleAccounts creates the missing module accounts. An account of another
// kind, or with other permissions, becomes the module account and keeps its
// number and sequence. Coins belong to x/bank and stay.
func (app *App) makeModuleAccounts(ctx sdk.Context) {
	for _, name := range slices.Sorted(maps.Keys(moduleAccounts)) {
		account := app.Account.GetAccount(ctx, authtypes.NewModuleAddress(name))
		if account == nil {
			app.Account.GetModuleAccount(ctx, name)
			continue
		}
		if right, changed := asModuleAccount(account, name); changed {
			app.Logger().Info("account put right: it is a module's", "module", name, "address", account.GetAddress().String(), "was", fmt.Sprintf("%T", account))
			app.Account.SetModuleAccount(ctx, right)
		}
	}
}

// asModuleAccount returns the module account for the address of account. No key
// exists for such an address.
func asModuleAccount(account sdk.AccountI, name string) (right *authtypes.ModuleAccount, changed bool) {
	permissions := moduleAccounts[name]
	if module, is := account.(*authtypes.ModuleAccount); is && module.Name == name && slices.Equal(module.Permissions, permissions) {
		return module, false
	}
	base := authtypes.NewBaseAccount(authtypes.NewModuleAddress(name), nil, account.GetAccountNumber(), account.GetSequence())
	return authtypes.NewModuleAccount(base, name, permissions...), true
}

// CheckAccounts returns an error if a genesis has an account of a type that the
// chain does not support, such as Agoric's clawback vesting account.
func CheckAccounts(appState json.RawMessage) error {
	genesis, err := modulesOf(appState)
	if err != nil {
		return err
	}
	encoding, err := NewEncoding()
	if err != nil {
		return err
	}
	authtypes.RegisterInterfaces(encoding.Registry)
	vestingtypes.RegisterInterfaces(encoding.Registry)
	icatypes.RegisterInterfaces(encoding.Registry)
	return completeAccounts(encoding.Codec, genesis)
}

// completeAccounts replaces and adds the module accounts of a genesis. It
// cannot be done later, because x/auth and other modules use theirs while they
// read the genesis.
func completeAccounts(cdc codec.Codec, genesis map[string]json.RawMessage) error {
	raw, found := genesis[authtypes.ModuleName]
	if !found {
		return nil
	}
	var state authtypes.GenesisState
	if err := cdc.UnmarshalJSON(raw, &state); err != nil {
		return fmt.Errorf("genesis app_state.%s: %w", authtypes.ModuleName, err)
	}
	accounts, err := authtypes.UnpackAccounts(state.Accounts)
	if err != nil {
		return fmt.Errorf("genesis app_state.%s: accounts: %w", authtypes.ModuleName, err)
	}
	names := make(map[string]string, len(moduleAccounts))
	for name := range moduleAccounts {
		names[string(authtypes.NewModuleAddress(name))] = name
	}
	changes := false
	for i, account := range accounts {
		if name, is := names[string(account.GetAddress())]; is {
			right, changed := asModuleAccount(account, name)
			accounts[i], changes = right, changes || changed
		}
	}
	if !changes {
		return nil
	}
	if state.Accounts, err = authtypes.PackAccounts(accounts); err != nil {
		return err
	}
	genesis[authtypes.ModuleName], err = cdc.MarshalJSON(&state)
	return err
}
