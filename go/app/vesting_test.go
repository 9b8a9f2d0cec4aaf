package app

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/auth/ante"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
)

// otherAddress is 20 bytes of 2.
var otherAddress = sdk.AccAddress{2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2}

func uist(amount int64) sdk.Coins { return sdk.NewCoins(sdk.NewInt64Coin(FeeDenom, amount)) }

func TestLockedCoinsAreNotSpent(t *testing.T) {
	c := newTestChain(t, nil)
	now := 1000 + c.LastBlockHeight()
	require.NoError(t, c.deliver(vestingtypes.NewMsgCreateVestingAccount(testAddress, otherAddress, uist(100), now+1_000_000, true)))
	require.NoError(t, c.deliver(banktypes.NewMsgSend(testAddress, otherAddress, uist(7))))

	// Not by its owner, nor for gas, nor by the kernel.
	require.ErrorContains(t, c.deliver(banktypes.NewMsgSend(otherAddress, testAddress, uist(8))), "insufficient funds")
	require.ErrorContains(t, ante.DeductFees(c.Bank, c.committed(), c.Account.GetAccount(c.committed(), otherAddress), uist(8)), "insufficient funds")
	grab := func(amount int64) string {
		return fmt.Sprintf(`{"sender":%q,"denom":"uist","amount":"%d"}`, otherAddress.String(), amount)
	}
	answers := c.answers("vbank.Grab", grab(8), grab(7))
	require.Equal(t, "cannot grab 8uist coins: insufficient funds", answers[0])
	require.Contains(t, answers[1], `"amount":"100"`, "the kernel sees the whole balance, as on Agoric's chain")
	require.Equal(t, []string{`"100"`}, c.answers("vbank.GetBalance", fmt.Sprintf(`{"address":%q,"denom":"uist"}`, otherAddress.String())))

	// Spendable when it has vested.
	requireProofs(t, c, c.block())
	later := c.committed().WithBlockTime(time.Unix(now+1_000_000, 0))
	require.NoError(t, c.Bank.SendCoins(later, otherAddress, testAddress, uist(100)))
}

func TestVestingAccountsAreInTheGenesis(t *testing.T) {
	c := newTestChain(t, nil)
	third := sdk.AccAddress(append([]byte{3}, otherAddress[1:]...))
	require.NoError(t, c.deliver(vestingtypes.NewMsgCreatePermanentLockedAccount(testAddress, otherAddress, uist(100))))
	require.NoError(t, c.deliver(vestingtypes.NewMsgCreatePeriodicVestingAccount(testAddress, third, 1000, []vestingtypes.Period{{Length: 1_000_000, Amount: uist(9)}})))
	c.block()
	exported, err := c.Export(false, nil)
	require.NoError(t, err)
	require.NoError(t, CheckAccounts(exported.AppState))
	genesis, err := modulesOf(exported.AppState)
	require.NoError(t, err)
	other := newTestChain(t, func(_ *App, modules map[string]json.RawMessage) {
		for name := range modules {
			modules[name] = genesis[name]
		}
	})
	ctx := other.NewContext(true)
	require.IsType(t, (*vestingtypes.PermanentLockedAccount)(nil), other.Account.GetAccount(ctx, otherAddress))
	require.Equal(t, uist(100), other.Bank.LockedCoins(ctx, otherAddress))
	require.Equal(t, uist(9), other.Bank.LockedCoins(ctx, third))
}

func TestBadVestingAccountsAreRefused(t *testing.T) {
	c := newTestChain(t, nil)
	module := authtypes.NewModuleAddress(distrtypes.ModuleName)
	before := c.Bank.GetAllBalances(c.committed(), testAddress)
	for _, test := range []struct {
		msg  sdk.Msg
		want string
	}{
		{vestingtypes.NewMsgCreateVestingAccount(testAddress, testAddress, uist(1), 5000, false), "already exists"},
		{vestingtypes.NewMsgCreateVestingAccount(testAddress, module, uist(1), 5000, false), "is not allowed to receive funds"},
		{vestingtypes.NewMsgCreateVestingAccount(testAddress, otherAddress, uist(1), 0, false), "invalid end time"},
		{vestingtypes.NewMsgCreateVestingAccount(testAddress, otherAddress, sdk.Coins{}, 5000, false), "invalid coins"},
		{vestingtypes.NewMsgCreateVestingAccount(testAddress, otherAddress, uist(2_000_000), 5000, false), "insufficient funds"},
		{&vestingtypes.MsgCreateVestingAccount{FromAddress: "x", ToAddress: otherAddress.String(), Amount: uist(1), EndTime: 5000}, "invalid 'from' address"},
		{vestingtypes.NewMsgCreatePermanentLockedAccount(testAddress, module, uist(1)), "is not allowed to receive funds"},
		{vestingtypes.NewMsgCreatePeriodicVestingAccount(testAddress, otherAddress, 1000, []vestingtypes.Period{{Length: -1, Amount: uist(1)}}), "invalid period length"},
		{vestingtypes.NewMsgCreatePeriodicVestingAccount(testAddress, otherAddress, 0, nil), "invalid start time"},
	} {
		assert.ErrorContains(t, c.deliver(test.msg), test.want)
	}
	require.Equal(t, before, c.Bank.GetAllBalances(c.committed(), testAddress))
	require.Nil(t, c.Account.GetAccount(c.committed(), otherAddress))
	c.block()
}
