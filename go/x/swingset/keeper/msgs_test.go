package keeper

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
	vstoragetypes "github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// owner is 20 bytes of 1, as text agoric1qyqszqgpqyqszqgpqyqszqgpqyqszqgp….
var owner = sdk.AccAddress(bytes.Repeat([]byte{1}, 20))

// txContext is the context of the actions of message 2 of the transaction "tx".
const txContext = `"context":{"blockHeight":9,"txHash":"1B5B9CCB3E8D006A5230DE9BDA23FF91EDC794D4F56410560830B418528E446C","msgIdx":2}`

// inTx is the context in which a message of a transaction is handled.
func (f *fixture) inTx() sdk.Context { return f.ctx.WithTxBytes([]byte("tx")).WithMsgIndex(2) }

// set writes to chain storage, as the kernel does.
func (f *fixture) set(t *testing.T, path, value string) {
	t.Helper()
	require.NoError(t, f.vstorage.SetWithoutNotify(f.ctx, vstoragetypes.NewEntry(path, value)))
}

// requireQueued requires that a queue holds exactly these actions, all of
// message 2 of "tx".
func (f *fixture) requireQueued(t *testing.T, queue string, actions ...string) {
	t.Helper()
	length, err := f.vstorage.QueueLength(f.ctx, queue)
	require.NoError(t, err)
	require.Equal(t, len(actions), int(length))
	for i, action := range actions {
		value, _, err := f.vstorage.Get(f.ctx, queue+"."+string(rune('0'+i)))
		require.NoError(t, err)
		require.Equal(t, `{"action":`+action+`,`+txContext+`}`, value)
	}
}

func TestWalletActionsAreQueuedWithTheirTransaction(t *testing.T) {
	f := newFixture(t)
	f.set(t, "published.wallet."+owner.String(), "{}")
	server := NewMsgServer(f.Keeper)
	_, err := server.WalletAction(f.inTx(), &types.MsgWalletAction{Owner: owner, Action: `"hi"`})
	require.NoError(t, err)
	_, err = server.WalletSpendAction(f.inTx(), &types.MsgWalletSpendAction{Owner: owner, SpendAction: `{}`})
	require.NoError(t, err)
	f.requireQueued(t, "actionQueue",
		`{"type":"WALLET_ACTION","blockHeight":9,"blockTime":1000,"owner":"`+owner.String()+`","action":"\"hi\""}`,
		`{"type":"WALLET_SPEND_ACTION","blockHeight":9,"blockTime":1000,"owner":"`+owner.String()+`","spendAction":"{}"}`)
	f.requireQueued(t, "highPriorityQueue")
}

func TestWalletMessagesAreValidatedByTheirHandlerToo(t *testing.T) {
	f := newFixture(t)
	f.set(t, "published.wallet."+owner.String(), "{}")
	server := NewMsgServer(f.Keeper)
	for text, want := range map[string]error{
		"": sdkerrors.ErrUnknownRequest, " ": sdkerrors.ErrUnknownRequest, "{": sdkerrors.ErrJSONUnmarshal,
	} {
		_, err := server.WalletAction(f.ctx, &types.MsgWalletAction{Owner: owner, Action: text})
		require.ErrorIs(t, err, want)
		_, err = server.WalletSpendAction(f.ctx, &types.MsgWalletSpendAction{Owner: owner, SpendAction: text})
		require.ErrorIs(t, err, want)
	}
	_, err := server.WalletSpendAction(f.ctx, &types.MsgWalletSpendAction{SpendAction: "1"})
	require.ErrorIs(t, err, sdkerrors.ErrInvalidAddress)
	f.requireQueued(t, "actionQueue")
}

func TestSpendingActionsOfHighPrioritySendersComeFirst(t *testing.T) {
	f := newFixture(t)
	f.set(t, "published.wallet."+owner.String(), "{}")
	server := NewMsgServer(f.Keeper)
	params := types.DefaultParams()
	params.QueueMax[0].Size_ = 0
	require.NoError(t, f.SetParams(f.ctx, params))
	f.set(t, "highPrioritySenders."+owner.String(), "true")
	_, err := server.WalletSpendAction(f.inTx(), &types.MsgWalletSpendAction{Owner: owner, SpendAction: `1`})
	require.NoError(t, err, "also while the queues are full")
	f.requireQueued(t, "highPriorityQueue",
		`{"type":"WALLET_SPEND_ACTION","blockHeight":9,"blockTime":1000,"owner":"`+owner.String()+`","spendAction":"1"}`)
	_, err = server.WalletAction(f.inTx(), &types.MsgWalletAction{Owner: owner, Action: `1`})
	require.ErrorIs(t, err, sdkerrors.ErrMempoolIsFull, "only what spends is urgent")
}

func TestNoActionIsTakenWhileTheQueuesAreFull(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.QueueMax[0].Size_ = 2
	require.NoError(t, f.SetParams(f.ctx, params))
	require.NoError(t, f.PushHighPriorityAction(f.ctx, nil, "", 0))
	f.set(t, "published.wallet."+owner.String(), "{}")
	server := NewMsgServer(f.Keeper)
	msg := &types.MsgWalletAction{Owner: owner, Action: "1"}
	_, err := server.WalletAction(f.ctx, msg)
	require.NoError(t, err)
	_, err = server.WalletAction(f.ctx, msg)
	require.ErrorContains(t, err, "the kernel has 2 actions to do, of 2 at most: no room for 1 more")
}
