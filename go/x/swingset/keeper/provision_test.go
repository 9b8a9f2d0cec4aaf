package keeper

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

func ubld(amount int64) sdk.Coins { return sdk.NewCoins(sdk.NewInt64Coin("ubld", amount)) }

func TestAProvisioningIsPaidRememberedAndQueued(t *testing.T) {
	f := newFixture(t)
	f.bank[owner.String()] = ubld(12_000_000)
	other := sdk.AccAddress("another account")
	msg := &types.MsgProvision{Nickname: "me", Address: other, PowerFlags: []string{types.PowerFlagSmartWallet}, Submitter: owner}
	_, err := NewMsgServer(f.Keeper).Provision(f.inTx(), msg)
	require.NoError(t, err)
	f.requireQueued(t, "actionQueue", `{"type":"PLEASE_PROVISION","blockHeight":9,"blockTime":1000,"nickname":"me","address":"`+
		other.String()+`","powerFlags":["SMART_WALLET"],"submitter":"`+owner.String()+`","autoProvision":false}`)
	require.Equal(t, ubld(10_000_000), f.bank["collector"])
	require.Equal(t, other, f.accounts[other.String()].GetAddress())
	value, _, err := f.vstorage.Get(f.ctx, "egress."+other.String())
	require.NoError(t, err)
	require.Equal(t, `{"nickname":"me","peer":"`+other.String()+`","powerFlags":["SMART_WALLET"]}`, value)

	_, err = NewMsgServer(f.Keeper).Provision(f.inTx(), msg)
	require.ErrorIs(t, err, sdkerrors.ErrInsufficientFunds)
}

func TestAProvisioningNeedsKnownFlagsOrAPass(t *testing.T) {
	f := newFixture(t)
	server := NewMsgServer(f.Keeper)
	msg := &types.MsgProvision{Nickname: "me", Address: owner, Submitter: owner}
	_, err := server.Provision(f.inTx(), msg)
	require.ErrorIs(t, err, sdkerrors.ErrInvalidRequest)
	msg.PowerFlags = []string{"FLY"}
	_, err = server.Provision(f.inTx(), msg)
	require.ErrorContains(t, err, `power flag "FLY" has no fee`)
	f.bank[owner.String()] = sdk.NewCoins(sdk.NewInt64Coin("provisionpass", 1))
	_, err = server.Provision(f.inTx(), msg)
	require.NoError(t, err)
	require.Empty(t, f.bank["collector"])

	msg.Nickname = ""
	_, err = server.Provision(f.inTx(), msg)
	require.ErrorIs(t, err, sdkerrors.ErrUnknownRequest)
	_, err = server.Provision(f.inTx(), &types.MsgProvision{Nickname: "me", Submitter: owner})
	require.ErrorIs(t, err, sdkerrors.ErrInvalidAddress)
}

func TestAnActionProvisionsTheWalletOfAnOwnerWhoHasNone(t *testing.T) {
	f := newFixture(t)
	provision := `{"type":"PLEASE_PROVISION","blockHeight":9,"blockTime":1000,"nickname":"","address":"` + owner.String() +
		`","powerFlags":["SMART_WALLET"],"submitter":"` + owner.String() + `","autoProvision":true}`
	action := `{"type":"WALLET_ACTION","blockHeight":9,"blockTime":1000,"owner":"` + owner.String() + `","action":"1"}`
	for range 2 {
		_, err := NewMsgServer(f.Keeper).WalletAction(f.inTx(), &types.MsgWalletAction{Owner: owner, Action: "1"})
		require.NoError(t, err)
		f.set(t, "published.wallet."+owner.String(), "{}")
	}
	f.requireQueued(t, "actionQueue", provision, action, action)
}
