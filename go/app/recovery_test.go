package app

import (
	"bytes"
	"strings"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

func TestAPanicOfATransactionIsOneLineOfItsLog(t *testing.T) {
	for _, row := range []struct {
		reason any
		want   string
	}{
		{"a reason\n\twith lines", "recovered: a reason with lines: panic"},
		{sdkerrors.ErrLogic, "recovered: internal logic error: panic"},
		{strings.Repeat("é", 501), "recovered: " + strings.Repeat("é", 500) + "…: panic"},
		{storetypes.ErrorOutOfGas{Descriptor: "here"}, "out of gas in location: here; gasWanted: 0, gasUsed: 1027: out of gas"},
	} {
		var logged bytes.Buffer
		app, err := newApp(log.NewLogger(&logged), dbm.NewMemDB(), ChainHooks{}, simtestutil.EmptyAppOptions{}, nil)
		require.NoError(t, err)
		app.SetAnteHandler(func(ctx sdk.Context, _ sdk.Tx, _ bool) (sdk.Context, error) { panic(row.reason) })
		require.NoError(t, app.LoadLatestVersion())
		builder := app.Encoding().TxConfig.NewTxBuilder()
		owner := sdk.AccAddress(bytes.Repeat([]byte{1}, 20))
		require.NoError(t, builder.SetMsgs(&swingsettypes.MsgWalletAction{Owner: owner, Action: "1"}))
		tx, err := app.Encoding().TxConfig.TxEncoder()(builder.GetTx())
		require.NoError(t, err)
		response, err := app.CheckTx(&abci.RequestCheckTx{Tx: tx, Type: abci.CheckTxType_New})
		require.NoError(t, err)
		require.Equal(t, row.want, response.Log)
		_, outOfGas := row.reason.(storetypes.ErrorOutOfGas)
		require.Equal(t, !outOfGas, strings.Contains(logged.String(), "goroutine "), "the stack is in the node's log")
	}
}
