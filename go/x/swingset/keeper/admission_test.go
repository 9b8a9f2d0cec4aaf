package keeper

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/internal/counters/counterstest"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// owing returns how many beans the owner owes.
func (f *fixture) owing(t *testing.T) uint64 {
	t.Helper()
	beans, err := f.BeansOwing(f.ctx, owner)
	require.NoError(t, err)
	return beans.Uint64()
}

func TestBeansAreOwedUntilTheyAreADebit(t *testing.T) {
	f := newFixture(t)
	f.set(t, "published.wallet."+owner.String(), "{}")
	// 10e9 for the transaction, 1e9 for the message, 20e6 for each byte.
	const each = 11_040_000_000
	msg := &types.MsgWalletAction{Owner: owner, Action: "{}"}
	require.NoError(t, f.Admit(f.ctx, []sdk.Msg{msg}))
	require.Equal(t, uint64(each), f.owing(t))
	require.Empty(t, f.bank["collector"])

	// The 19th message makes the owner owe more than the least debit, 0.2 BLD.
	for range 17 {
		require.NoError(t, f.Admit(f.ctx, []sdk.Msg{msg}))
	}
	require.ErrorIs(t, f.Admit(f.ctx, []sdk.Msg{msg}), sdkerrors.ErrInsufficientFunds)
	require.Equal(t, uint64(18*each), f.owing(t))
	f.bank[owner.String()] = ubld(200_001)
	require.NoError(t, f.Admit(f.ctx, []sdk.Msg{msg}))
	require.Equal(t, ubld(200_000), f.bank["collector"])
	require.Equal(t, uint64(19*each-200_000_000_000), f.owing(t))
}

func TestAWalletIsChargedUntilItsOwnerHasIt(t *testing.T) {
	f := newFixture(t)
	f.bank[owner.String()] = ubld(1_000_000)
	msg := &types.MsgWalletSpendAction{Owner: owner, SpendAction: "{}"}
	require.NoError(t, f.Admit(f.ctx, []sdk.Msg{msg}))
	require.Equal(t, ubld(1_000_000), f.bank["collector"])
	require.ErrorIs(t, f.Admit(f.ctx, []sdk.Msg{msg}), sdkerrors.ErrInsufficientFunds)
	f.set(t, "published.wallet."+owner.String(), "{}")
	require.NoError(t, f.Admit(f.ctx, []sdk.Msg{msg}))
}

func TestBundlesArePaidByTheirUncompressedSizeAndMessagesByTheirLength(t *testing.T) {
	f := newFixture(t)
	plain := &types.MsgInstallBundle{Bundle: "12345", Submitter: owner}
	require.NoError(t, f.Admit(f.ctx, []sdk.Msg{plain}))
	require.Equal(t, uint64(11_000_000_000+5*20_000_000+5*2_000_000_000), f.owing(t))

	f = newFixture(t)
	compressed, err := plain.Compressed()
	require.NoError(t, err)
	require.NoError(t, f.Admit(f.ctx, []sdk.Msg{compressed}))
	require.Equal(t, uint64(11_000_000_000+5*2_000_000_000), f.owing(t))

	f = newFixture(t)
	require.NoError(t, f.Admit(f.ctx, []sdk.Msg{&types.MsgDeliverInbound{
		Messages: []string{"ab", "c"}, Nums: []uint64{1, 2}, Submitter: owner,
	}}))
	require.Equal(t, uint64(12_000_000_000+3*20_000_000), f.owing(t))
}

func TestNothingIsChargedWithoutAPrice(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.BeansPerUnit = params.BeansPerUnit[:3]
	require.NoError(t, f.SetParams(f.ctx, params))
	require.NoError(t, f.Admit(f.ctx, []sdk.Msg{&types.MsgWalletAction{Owner: owner, Action: "{}"}}))
	require.Zero(t, f.owing(t))
}

// An overflow would panic.
func TestTheHighestPricesAreTooHigh(t *testing.T) {
	for _, unit := range []uint64{1, 1<<64 - 1} {
		f := newFixture(t)
		f.bank[owner.String()] = ubld(1 << 60)
		params := types.DefaultParams()
		for i, entry := range params.BeansPerUnit {
			params.BeansPerUnit[i].Beans = math.NewUint(1<<64 - 1)
			if entry.Key == types.BeansPerFeeUnit || entry.Key == types.BeansPerMinFeeDebit {
				params.BeansPerUnit[i].Beans = math.NewUint(unit)
			}
		}
		amount := math.NewIntFromBigInt(new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1)))
		price := sdk.NewCoin("ubld", amount)
		params.FeeUnitPrice = sdk.Coins{sdk.NewCoin("ubld", amount), sdk.NewCoin("uist", amount)}
		params.PowerFlagFees = []types.PowerFlagFee{{PowerFlag: "x", Fee: sdk.Coins{price}}}
		require.NoError(t, f.SetParams(f.ctx, params))
		msg := &types.MsgDeliverInbound{
			Messages: slices.Repeat([]string{strings.Repeat("x", 1<<20)}, 20), Nums: make([]uint64, 20), Submitter: owner,
		}
		require.ErrorIs(t, f.Admit(f.ctx, []sdk.Msg{msg}), sdkerrors.ErrInsufficientFunds)
		_, err := NewMsgServer(f.Keeper).Provision(f.inTx(), &types.MsgProvision{
			Nickname: "n", Address: owner, PowerFlags: slices.Repeat([]string{"x"}, 1<<16), Submitter: owner,
		})
		require.ErrorIs(t, err, sdkerrors.ErrInsufficientFunds)
	}
}

func TestRefusalsAreCountedByMessage(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.QueueMax[0].Size_ = 1
	require.NoError(t, f.SetParams(f.ctx, params))
	read := counterstest.Start(t)
	action := &types.MsgWalletAction{Owner: owner, Action: "{}"}
	require.ErrorIs(t, f.Admit(f.ctx, []sdk.Msg{action, action}), sdkerrors.ErrMempoolIsFull)
	require.ErrorIs(t, f.Admit(f.ctx, []sdk.Msg{action}), sdkerrors.ErrInsufficientFunds)
	require.Error(t, f.Admit(f.ctx.WithExecMode(sdk.ExecModeSimulate), []sdk.Msg{action}))
	for _, name := range []string{"admission_refused", "inbound_not_allowed"} {
		require.Contains(t, read(), "\ntx_ante_"+name+"{msg=\"/agoric.swingset.MsgWalletAction\"} 1\n")
	}
}

func TestTransactionsAreAdmittedWhileTheQueuesHaveRoom(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.QueueMax[0].Size_ = 4
	require.NoError(t, f.SetParams(f.ctx, params))
	f.set(t, "published.wallet."+owner.String(), "{}")
	require.NoError(t, f.PushAction(f.ctx, nil, "", 0))
	msg := &types.MsgWalletSpendAction{Owner: owner, SpendAction: "{}"}
	check := f.ctx.WithIsCheckTx(true)
	require.NoError(t, f.Admit(check, []sdk.Msg{msg}))
	require.ErrorIs(t, f.Admit(check, []sdk.Msg{msg, msg}), sdkerrors.ErrMempoolIsFull, "the mempool may fill half")
	require.NoError(t, f.Admit(f.ctx, []sdk.Msg{msg, msg, msg}))
	require.ErrorIs(t, f.Admit(f.ctx, []sdk.Msg{msg, msg, msg, msg}), sdkerrors.ErrMempoolIsFull)

	f.set(t, "highPrioritySenders."+owner.String(), "true")
	require.NoError(t, f.Admit(check, []sdk.Msg{msg, msg, msg, msg}), "urgent ones need no room")
}

func TestEgressAndMailboxAreQueried(t *testing.T) {
	f := newFixture(t)
	query := NewQuerier(f.Keeper)
	_, err := query.Egress(f.ctx, &types.QueryEgressRequest{Peer: owner})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = query.Mailbox(f.ctx, &types.QueryMailboxRequest{})
	require.Equal(t, codes.InvalidArgument, status.Code(err))

	egress := types.Egress{Nickname: "me", Peer: owner, PowerFlags: []string{"SMART_WALLET"}}
	require.NoError(t, f.setEgress(f.ctx, egress))
	got, err := query.Egress(f.ctx, &types.QueryEgressRequest{Peer: owner})
	require.NoError(t, err)
	require.Equal(t, &egress, got.Egress)

	f.set(t, "mailbox."+owner.String(), `{"outbox":[],"ack":0}`)
	mailbox, err := query.Mailbox(f.ctx, &types.QueryMailboxRequest{Peer: owner})
	require.NoError(t, err)
	require.Equal(t, `{"outbox":[],"ack":0}`, mailbox.Value)
}
