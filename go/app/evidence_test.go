package app

import (
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
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
