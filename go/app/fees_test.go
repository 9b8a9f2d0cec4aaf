package app

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/auth/ante"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"

	vbanktypes "github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

func TestGasFeesReachTheReserveAndStakersGetWhatIsGivenAway(t *testing.T) {
	c := newTestChain(t, nil)
	balance := func(module string) string {
		return c.Bank.GetBalance(c.committed(), authtypes.NewModuleAddress(module), FeeDenom).String()
	}
	rewards := balance(distrtypes.ModuleName)
	c.change(func(ctx sdk.Context) {
		require.NoError(t, ante.DeductFees(c.Bank, ctx, c.Account.GetAccount(ctx, testAddress), uist(8)))
		// An earlier release has collected these.
		require.NoError(t, c.Bank.SendCoinsFromAccountToModule(ctx, testAddress, authtypes.FeeCollectorName, uist(5)))
		require.NoError(t, c.moveCollectedFees(ctx))
		require.NoError(t, c.moveCollectedFees(ctx), "there are none")
	})
	require.Equal(t, "8uist", balance(vbanktypes.ReservePoolName))
	require.Equal(t, "5uist", balance(vbanktypes.GiveawayPoolName))
	require.Equal(t, "0uist", rewards)
	c.block()
	require.Equal(t, "8uist", balance(vbanktypes.ReservePoolName))
	require.Equal(t, "0uist", balance(vbanktypes.GiveawayPoolName))
	require.Equal(t, "5uist", balance(distrtypes.ModuleName))
}
