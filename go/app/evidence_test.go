package app

import (
	"fmt"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"

	"github.com/agd-bridge/agd-bridge/go/x/swingset"
	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
	vbanktypes "github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

func TestAValidatorThatSignsTwiceIsPunished(t *testing.T) {
	c := newTestChain(t, nil)
	validators, err := c.Staking.GetAllValidators(c.NewContext(true))
	require.NoError(t, err)
	validator := validators[0]
	address, err := validator.GetConsAddr()
	require.NoError(t, err)
	c.change(func(ctx sdk.Context) {
		key, err := validator.ConsPubKey()
		require.NoError(t, err)
		require.NoError(t, c.Slashing.AddPubkey(ctx, key))
		require.NoError(t, c.Slashing.SetValidatorSigningInfo(ctx, address, slashingtypes.NewValidatorSigningInfo(address, 1, 0, time.Unix(0, 0), false, 0)))
	})
	height := c.LastBlockHeight() + 1
	_, err = c.FinalizeBlock(&abci.RequestFinalizeBlock{
		Height: height, Time: time.Unix(1000+height, 0),
		Misbehavior: []abci.Misbehavior{{
			Type:      abci.MisbehaviorType_DUPLICATE_VOTE,
			Validator: abci.Validator{Address: address, Power: 1},
			Height:    2, Time: time.Unix(1002, 0), TotalVotingPower: 1,
		}},
	})
	require.NoError(t, err)
	_, err = c.Commit()
	require.NoError(t, err)
	ctx := c.NewContext(true)
	require.True(t, c.Slashing.IsTombstoned(ctx, address))
	after, err := c.Staking.GetValidatorByConsAddr(ctx, address)
	require.NoError(t, err)
	require.True(t, after.Jailed)
	require.True(t, after.Tokens.LT(validator.Tokens))
}

func TestAnotherAccountPaysAGrantedFee(t *testing.T) {
	c := newTestChain(t, nil)
	key := secp256k1.GenPrivKey()
	poor := sdk.AccAddress(key.PubKey().Address())
	allowance, err := feegrant.NewMsgGrantAllowance(&feegrant.BasicAllowance{}, testAddress, poor)
	require.NoError(t, err)
	require.NoError(t, c.deliver(allowance))
	fee := sdk.NewCoins(sdk.NewInt64Coin(FeeDenom, 7))
	pay := func(granter sdk.AccAddress) error {
		ctx := c.NewContext(true).WithChainID(testChainID).WithBlockHeight(c.LastBlockHeight() + 1)
		account := c.Account.GetAccount(ctx, poor)
		builder := c.encoding.TxConfig.NewTxBuilder()
		require.NoError(t, builder.SetMsgs(banktypes.NewMsgSend(poor, testAddress, fee)))
		builder.SetFeeAmount(fee)
		builder.SetGasLimit(200_000)
		builder.SetFeeGranter(granter)
		mode := signing.SignMode_SIGN_MODE_DIRECT
		empty := signing.SignatureV2{PubKey: key.PubKey(), Data: &signing.SingleSignatureData{SignMode: mode}, Sequence: account.GetSequence()}
		require.NoError(t, builder.SetSignatures(empty))
		toSign, err := authsigning.GetSignBytesAdapter(ctx, c.encoding.TxConfig.SignModeHandler(), mode, authsigning.SignerData{
			Address: poor.String(), ChainID: testChainID, AccountNumber: account.GetAccountNumber(), Sequence: account.GetSequence(), PubKey: key.PubKey(),
		}, builder.GetTx())
		require.NoError(t, err)
		signature, err := key.Sign(toSign)
		require.NoError(t, err)
		empty.Data = &signing.SingleSignatureData{SignMode: mode, Signature: signature}
		require.NoError(t, builder.SetSignatures(empty))
		_, err = c.anteHandler()(ctx, builder.GetTx(), false)
		return err
	}
	c.block()
	before := c.Bank.GetBalance(c.NewContext(true), testAddress, FeeDenom)
	require.ErrorContains(t, pay(nil), "insufficient")
	require.NoError(t, pay(testAddress))
	after := c.Bank.GetBalance(c.NewContext(true), testAddress, FeeDenom)
	require.Equal(t, "7uist", before.Sub(after).String())
}

func TestMessagesThatAnotherAccountExecutesAreAdmittedAndPaid(t *testing.T) {
	c := newTestChain(t, nil)
	key := secp256k1.GenPrivKey()
	grantee := sdk.AccAddress(key.PubKey().Address())
	c.change(func(ctx sdk.Context) {
		require.NoError(t, c.Bank.SendCoins(ctx, testAddress, grantee, sdk.NewCoins(sdk.NewInt64Coin(FeeDenom, 1))))
	})
	grant, err := authz.NewMsgGrant(testAddress, grantee, authz.NewGenericAuthorization(sdk.MsgTypeURL(&swingsettypes.MsgWalletAction{})), nil)
	require.NoError(t, err)
	require.NoError(t, c.deliver(grant))
	action := &swingsettypes.MsgWalletAction{Owner: testAddress, Action: "{}"}
	exec := authz.NewMsgExec(grantee, []sdk.Msg{action})
	nested := authz.NewMsgExec(grantee, []sdk.Msg{&exec})
	c.block()
	reserve := func() string {
		return c.Bank.GetBalance(c.NewContext(true), authtypes.NewModuleAddress(vbanktypes.ReservePoolName), BondDenom).Amount.String()
	}
	require.Equal(t, "0", reserve())
	builder := c.encoding.TxConfig.NewTxBuilder()
	require.NoError(t, builder.SetMsgs(&nested))
	admit := swingset.NewAdmissionDecorator(c.SwingSet)
	done := func(ctx sdk.Context, _ sdk.Tx, _ bool) (sdk.Context, error) { return ctx, nil }
	_, err = admit.AnteHandle(c.NewContext(true), builder.GetTx(), false, done)
	require.NoError(t, err)
	require.NotEqual(t, "0", reserve(), "the kernel's fee is paid")
	require.NoError(t, c.deliver(&exec))
	c.during = func() {
		queue := ""
		for i, text := 0, ""; text != "null"; i++ {
			text, err = c.call("vstorage.Get", fmt.Sprintf(`"actionQueue.%d"`, i))
			require.NoError(t, err)
			queue += text
		}
		require.Contains(t, queue, "WALLET_ACTION")
	}
	c.block()
}
