package app

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	vbanktypes "github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

// requireModuleAccounts checks every module account.
func requireModuleAccounts(t *testing.T, c *testChain, ctx sdk.Context) {
	t.Helper()
	numbers := map[uint64]string{}
	for name, permissions := range moduleAccounts {
		account, is := c.Account.GetAccount(ctx, authtypes.NewModuleAddress(name)).(*authtypes.ModuleAccount)
		require.True(t, is, name)
		require.Equal(t, name, account.Name)
		require.ElementsMatch(t, permissions, account.Permissions, name)
		require.Empty(t, numbers[account.AccountNumber], "%s has the number of another", name)
		numbers[account.AccountNumber] = name
	}
}

func TestModuleAccountsAreThereBeforeAnybodySends(t *testing.T) {
	c := newTestChain(t, nil)
	ctx := c.NewContext(true)
	requireModuleAccounts(t, c, ctx)
	for name := range receivers {
		require.NoError(t, c.Bank.SendCoins(ctx, testAddress, authtypes.NewModuleAddress(name), sdk.NewCoins(sdk.NewInt64Coin(FeeDenom, 1))))
		require.NoError(t, c.Bank.SendCoinsFromAccountToModule(ctx, testAddress, name, sdk.NewCoins(sdk.NewInt64Coin(FeeDenom, 1))), name)
	}
}

// plainAccounts puts a plain account at every module's address, and coins on
// those whose balance no SDK module checks.
func plainAccounts(app *App, genesis map[string]json.RawMessage) {
	var auth authtypes.GenesisState
	var bank banktypes.GenesisState
	cdc := app.encoding.Codec
	cdc.MustUnmarshalJSON(genesis[authtypes.ModuleName], &auth)
	cdc.MustUnmarshalJSON(genesis[banktypes.ModuleName], &bank)
	accounts, _ := authtypes.UnpackAccounts(auth.Accounts)
	coin := sdk.NewInt64Coin("other", 7)
	for name := range moduleAccounts {
		address := authtypes.NewModuleAddress(name)
		if strings.HasPrefix(name, "vbank") {
			bank.Balances = append(bank.Balances, banktypes.Balance{Address: address.String(), Coins: sdk.NewCoins(coin)})
			bank.Supply = bank.Supply.Add(coin)
		}
		accounts = append(accounts, authtypes.NewBaseAccount(address, nil, uint64(100+len(accounts)), 5))
	}
	auth.Accounts, _ = authtypes.PackAccounts(accounts)
	genesis[authtypes.ModuleName] = cdc.MustMarshalJSON(&auth)
	genesis[banktypes.ModuleName] = cdc.MustMarshalJSON(&bank)
}

func TestPlainAccountsOfAGenesisAreTheModules(t *testing.T) {
	c := newTestChain(t, plainAccounts)
	ctx := c.NewContext(true)
	requireModuleAccounts(t, c, ctx)
	coins := sdk.NewInt64Coin("other", 0)
	for name := range moduleAccounts {
		address := authtypes.NewModuleAddress(name)
		account := c.Account.GetAccount(ctx, address)
		require.EqualValues(t, 5, account.GetSequence(), name)
		require.Greater(t, account.GetAccountNumber(), uint64(100), name)
		coins = coins.Add(c.Bank.GetBalance(ctx, address, "other"))
	}
	require.Equal(t, "28other", coins.String(), "coins stay")
}

func TestAModuleAccountThatIsAnothersIsPutRight(t *testing.T) {
	address := authtypes.NewModuleAddress(vbanktypes.ModuleName)
	base := func() *authtypes.BaseAccount { return authtypes.NewBaseAccount(address, nil, 9, 3) }
	for name, test := range map[string]struct {
		account sdk.AccountI
		changed bool
	}{
		"plain":               {base(), true},
		"another name":        {authtypes.NewModuleAccount(base(), "x", moduleAccounts[vbanktypes.ModuleName]...), true},
		"another permission":  {authtypes.NewModuleAccount(base(), vbanktypes.ModuleName, authtypes.Minter), true},
		"as it is to be":      {authtypes.NewModuleAccount(base(), vbanktypes.ModuleName, moduleAccounts[vbanktypes.ModuleName]...), false},
		"without permissions": {authtypes.NewModuleAccount(base(), vbanktypes.ModuleName), true},
	} {
		right, changed := asModuleAccount(test.account, vbanktypes.ModuleName)
		require.Equal(t, test.changed, changed, name)
		require.Equal(t, authtypes.NewModuleAccount(base(), vbanktypes.ModuleName, moduleAccounts[vbanktypes.ModuleName]...), right, name)
		require.NoError(t, right.Validate())
	}
}

func TestAGenesisWithAnAccountOfAnUnknownTypeIsRefused(t *testing.T) {
	err := CheckAccounts(json.RawMessage(`{"auth":{"params":{},"accounts":[{"@type":"/cosmos.vesting.v1beta1.ClawbackVestingAccount","base_vesting_account":{}}]}}`))
	require.EqualError(t, err, "genesis app_state.auth: unable to resolve type URL /cosmos.vesting.v1beta1.ClawbackVestingAccount")
	require.NoError(t, CheckAccounts(json.RawMessage(`{}`)))
	require.NoError(t, CheckAccounts(json.RawMessage(`{"auth":{"params":{},"accounts":[{"@type":"/cosmos.auth.v1beta1.BaseAccount","address":"`+testAddressText+`"}]}}`)))
}
