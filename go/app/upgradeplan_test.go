package app

import (
	"strings"
	"testing"

	tmproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"
)

func TestAPlanThatTheKernelCouldNotReadIsRefused(t *testing.T) {
	app, err := newApp(log.NewNopLogger(), dbm.NewMemDB(), ChainHooks{}, simtestutil.EmptyAppOptions{}, nil)
	require.NoError(t, err)
	require.NoError(t, app.LoadLatestVersion())
	//lint:ignore SA1019 the app has no chain, so no next block
	ctx := app.NewUncachedContext(false, tmproto.Header{Height: 1})
	const refusal = "the plan's name and info are too large for the kernel: 1048577 bytes, of at most 1048576 (maxPlanBytes): invalid request"
	for size, want := range map[int]string{maxPlanBytes - 1: "", maxPlanBytes: refusal} {
		msg := &upgradetypes.MsgSoftwareUpgrade{
			Authority: authtypes.NewModuleAddress(govtypes.ModuleName).String(),
			Plan:      upgradetypes.Plan{Name: "n", Height: 9, Info: strings.Repeat("\x00", size)},
		}
		_, err := app.MsgServiceRouter().Handler(msg)(ctx, msg)
		proposal, failed := govv1.NewMsgSubmitProposal([]sdk.Msg{msg}, nil, testAddressText, "", "t", "s", false)
		require.NoError(t, failed)
		builder := app.Encoding().TxConfig.NewTxBuilder()
		require.NoError(t, builder.SetMsgs(proposal))
		passed := false
		_, refused := planDecorator{}.AnteHandle(ctx, builder.GetTx(), false, func(ctx sdk.Context, _ sdk.Tx, _ bool) (sdk.Context, error) {
			passed = true
			return ctx, nil
		})
		if want == "" {
			require.NoError(t, err)
			require.NoError(t, refused)
			require.True(t, passed)
			continue
		}
		require.EqualError(t, err, want)
		require.EqualError(t, refused, want)
		require.False(t, passed)
	}
}
