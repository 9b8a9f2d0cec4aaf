package keeper

import (
	"context"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

func (f *fixture) call(method, message string) (string, error) {
	call, err := vm.Checked("vbank."+method, f.Downcalls()["vbank."+method])
	if err != nil {
		return "", err
	}
	result, err := call(f.ctx, []json.RawMessage{json.RawMessage(message)})
	return string(result), err
}

func TestDowncalls(t *testing.T) {
	f := newFixture(t)
	f.fund(t, alice, coins("ubld", 100))
	a, reserve := alice.String(), authtypes.NewModuleAddress(types.ReservePoolName).String()
	update := func(nonce, denom, amount string) string {
		return `{"type":"VBANK_BALANCE_UPDATE","blockHeight":5,"blockTime":1000,"nonce":` + nonce +
			`,"updated":[{"address":"` + a + `","denom":"` + denom + `","amount":"` + amount + `"}]}`
	}
	for _, step := range []struct{ method, message, result string }{
		{"GetBalance", `{"address":"` + a + `","denom":"ubld"}`, `"100"`},
		{"GetBalance", `{"address":"` + a + `","denom":"uist"}`, `"0"`},
		{"GetModuleAccountAddress", `{"moduleName":"vbank/reserve"}`, `"` + reserve + `"`},
		{"Give", `{"recipient":"` + a + `","denom":"uist","amount":"7"}`, update("1", "uist", "7")},
		{"Grab", `{"sender":"` + a + `","denom":"ubld","amount":"40"}`, update("2", "ubld", "60")},
		{"GetBalance", `{"address":"` + a + `","denom":"ubld"}`, `"60"`},
		{"GiveToRewardDistributor", `{"denom":"uist","amount":"3"}`, `true`},
	} {
		result, err := f.call(step.method, step.message)
		require.NoError(t, err, step.method)
		require.Equal(t, step.result, result, step.method)
	}
	require.Equal(t, "60ubld", f.bank.GetSupply(f.ctx, "ubld").String())
	require.Equal(t, "10uist", f.bank.GetSupply(f.ctx, "uist").String())
	state, err := f.State(f.ctx)
	require.NoError(t, err)
	require.Equal(t, "3uist", state.RewardPool.String())
}

// The exact text of each refusal, because it is part of the chain's state.
func TestWhatTheKernelIsToldOfRefusals(t *testing.T) {
	f := newFixture(t)
	f.fund(t, alice, coins("ubld", 100))
	a := alice.String()
	blocked := authtypes.NewModuleAddress(minttypes.ModuleName).String()
	most := math.NewIntFromBigInt(new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1))).String()
	long := strings.Repeat("é", 150)
	echoed := strings.Repeat("é", 100) + "…"
	for _, step := range []struct{ method, message, err string }{
		{"GetBalance", `{"address":"x","denom":"ubld"}`, "cannot convert x to address"},
		{"GetBalance", `{"address":"","denom":"ubld"}`, "cannot convert  to address"},
		{"GetBalance", `{"address":"` + long + `","denom":"ubld"}`, "cannot convert " + echoed + " to address"},
		{"GetBalance", `{"address":"` + a[:len(a)-1] + `","denom":"ubld"}`, "cannot convert " + a[:len(a)-1] + " to address"},
		{"GetBalance", `{"address":"` + a + `","denom":"!"}`, "invalid denom !"},
		{"GetBalance", `[]`, "vbank.GetBalance: params[0]: expected object"},
		{"GetModuleAccountAddress", `{"moduleName":"nobody"}`, "module account nobody not found"},
		{"Grab", `{"sender":"x","denom":"ubld","amount":"1"}`, "cannot convert x to address"},
		{"Grab", `{"sender":"` + a + `","denom":"!","amount":"1"}`, "invalid denom !"},
		{"Grab", `{"sender":"` + a + `","denom":"ubld","amount":"1e3"}`, "vbank.Grab: params[0].amount: expected decimal string"},
		{"Grab", `{"sender":"` + a + `","denom":"ubld","amount":"` + most + `0"}`, "cannot convert " + most + "0 to int"},
		{"Grab", `{"sender":"` + a + `","denom":"ubld","amount":"101"}`, "cannot grab 101ubld coins: insufficient funds"},
		{"Grab", `{"sender":"` + a + `","denom":"uist","amount":"1"}`, "cannot grab 1uist coins: insufficient funds"},
		{"Give", `{"recipient":"x","denom":"ubld","amount":"1"}`, "cannot convert x to address"},
		{"Give", `{"recipient":"` + blocked + `","denom":"ubld","amount":"1"}`, "cannot give 1ubld coins: the account may not receive coins"},
		{"Give", `{"recipient":"` + a + `","denom":"ubld","amount":"` + most + `"}`, "cannot give " + most + "ubld coins: their supply would be 2^256 or more"},
		{"GiveToRewardDistributor", `{"denom":"ubld","amount":"` + most + `"}`, "cannot store reward " + most + "ubld coins: their supply would be 2^256 or more"},
		{"GiveToRewardDistributor", `{"denom":"","amount":"1"}`, "invalid denom "},
	} {
		_, err := f.call(step.method, step.message)
		var refusal *vm.Refusal
		require.ErrorAs(t, err, &refusal, "%s %s: %v", step.method, step.message, err)
		require.Equal(t, step.err, refusal.Text, step.method)
	}
}

// otherBank fails in ways that a real bank does not.
type otherBank struct {
	types.BankKeeper
	err   error
	panic any
}

func (b otherBank) SendCoinsFromAccountToModule(context.Context, sdk.AccAddress, string, sdk.Coins) error {
	if b.panic != nil {
		panic(b.panic)
	}
	return b.err
}

// Other errors than x/bank's refusals, such as disk errors, differ from node to
// node.
func TestWhatIsNoRefusalIsNoneOfTheKernels(t *testing.T) {
	f := newFixture(t)
	message := `{"sender":"` + alice.String() + `","denom":"ubld","amount":"1"}`
	for _, test := range []struct {
		bank otherBank
		want string
	}{
		{otherBank{err: errorsmod.Wrap(sdkerrors.ErrInvalidCoins, "word")}, "cannot grab 1ubld coins: the bank refuses"},
		{otherBank{err: errors.New("disk on fire")}, "vbank.Grab: disk on fire"},
		{otherBank{panic: "account is not a module account"}, "vbank.Grab: panic: account is not a module account"},
	} {
		test.bank.BankKeeper = f.bank
		f.Keeper.bank = test.bank
		_, err := f.call("Grab", message)
		require.EqualError(t, err, test.want)
		require.Equal(t, strings.HasPrefix(test.want, "vbank."), errors.As(err, new(*vm.Failure)), test.want)
	}
}

func TestFailedDowncallMovesNothing(t *testing.T) {
	f := newFixture(t)
	blocked := authtypes.NewModuleAddress(minttypes.ModuleName).String()
	_, err := f.call("Give", `{"recipient":"`+blocked+`","denom":"uist","amount":"5"}`)
	require.EqualError(t, err, "cannot give 5uist coins: the account may not receive coins")
	require.True(t, f.bank.GetSupply(f.ctx, "uist").IsZero(), "nothing was minted")
	require.Empty(t, f.update(t))
}
