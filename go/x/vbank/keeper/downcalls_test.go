package keeper

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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

func TestDowncallErrors(t *testing.T) {
	f := newFixture(t)
	f.fund(t, alice, coins("ubld", 100))
	a := alice.String()
	for _, step := range []struct{ method, message, err string }{
		{"GetBalance", `{"address":"x","denom":"ubld"}`, "cannot convert x to address: "},
		{"GetBalance", `{"address":"` + a + `","denom":"!"}`, "invalid denom !: "},
		{"GetBalance", `[]`, "vbank.GetBalance: params[0]: expected object"},
		{"GetModuleAccountAddress", `{"moduleName":"nobody"}`, "module account nobody not found"},
		{"Grab", `{"sender":"` + a + `","denom":"ubld","amount":"1e3"}`, "vbank.Grab: params[0].amount: expected decimal string"},
		{"Grab", `{"sender":"` + a + `","denom":"ubld","amount":"1` + strings.Repeat("0", 80) + `"}`, "cannot convert 10"},
		{"Grab", `{"sender":"` + a + `","denom":"ubld","amount":"101"}`, "cannot grab 101ubld coins: "},
		{"Give", `{"recipient":"x","denom":"ubld","amount":"1"}`, "cannot convert x to address: "},
	} {
		_, err := f.call(step.method, step.message)
		require.ErrorContains(t, err, step.err, step.method)
		require.NotContains(t, err.Error(), "\n", "no stack")
	}
}

func TestFailedDowncallMovesNothing(t *testing.T) {
	f := newFixture(t)
	blocked := authtypes.NewModuleAddress(minttypes.ModuleName).String()
	_, err := f.call("Give", `{"recipient":"`+blocked+`","denom":"uist","amount":"5"}`)
	require.ErrorContains(t, err, "cannot give 5uist coins: ")
	require.True(t, f.bank.GetSupply(f.ctx, "uist").IsZero(), "nothing was minted")
	require.Empty(t, f.update(t))
}
