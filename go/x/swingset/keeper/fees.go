package keeper

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
	vstoragetypes "github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// charge takes the fee of a message from its signer. Provisionings are charged
// by their handler, because their fees are coins.
func (k *Keeper) charge(ctx sdk.Context, params types.Params, msg sdk.Msg) error {
	switch msg := msg.(type) {
	case *types.MsgWalletAction:
		return k.chargeWallet(ctx, params, msg.Owner, msg.Action)
	case *types.MsgWalletSpendAction:
		return k.chargeWallet(ctx, params, msg.Owner, msg.SpendAction)
	case *types.MsgInstallBundle:
		return k.chargeMessages(ctx, params, msg.Submitter, msg.BundleSize(), msg.Bundle)
	case *types.MsgSendChunk:
		return k.chargeMessages(ctx, params, msg.Submitter, uint64(len(msg.ChunkData)), string(msg.ChunkData))
	case *types.MsgDeliverInbound:
		return k.chargeMessages(ctx, params, msg.Submitter, 0, msg.Messages...)
	}
	return nil
}

// chargeWallet charges for a wallet action. If the owner has no wallet yet, it
// also takes the wallet's fee, with each message until the kernel has published
// a wallet.
func (k *Keeper) chargeWallet(ctx sdk.Context, params types.Params, owner sdk.AccAddress, action string) error {
	has, err := k.HasSmartWallet(ctx, owner)
	if err != nil {
		return err
	}
	if !has {
		if err := k.chargeBeans(ctx, params, owner, params.Beans(types.BeansPerSmartWalletProvision)); err != nil {
			return err
		}
	}
	return k.chargeMessages(ctx, params, owner, 0, action)
}

// chargeMessages takes the fee of the messages in one message of a transaction,
// and of the kept bytes, which the kernel stores.
func (k *Keeper) chargeMessages(ctx sdk.Context, params types.Params, payer sdk.AccAddress, kept uint64, messages ...string) error {
	size := uint64(0)
	for _, message := range messages {
		size += uint64(len(message))
	}
	beans := params.Beans(types.BeansPerInboundTx).
		Add(params.Beans(types.BeansPerMessage).MulUint64(uint64(len(messages)))).
		Add(params.Beans(types.BeansPerMessageByte).MulUint64(size)).
		Add(params.Beans(types.BeansPerStorageByte).MulUint64(kept))
	return k.chargeBeans(ctx, params, payer, beans)
}

// chargeBeans adds to the payer's debt and takes coins for the part of it that
// is a multiple of the least debit. The rest stays owed. Without a price in the
// parameters nothing is charged.
func (k *Keeper) chargeBeans(ctx sdk.Context, params types.Params, payer sdk.AccAddress, beans math.Uint) error {
	unit, least := params.Beans(types.BeansPerFeeUnit), params.Beans(types.BeansPerMinFeeDebit)
	if beans.IsZero() || unit.IsZero() || least.IsZero() {
		return nil
	}
	owed, err := k.BeansOwing(ctx, payer)
	if err != nil {
		return err
	}
	owed = owed.Add(beans)
	rest := owed.Mod(least)
	fee, _ := sdk.NewDecCoinsFromCoins(params.FeeUnitPrice...).
		MulDec(decOf(owed.Sub(rest))).QuoDec(decOf(unit)).TruncateDecimal()
	if !fee.IsZero() {
		if err := k.bank.SendCoinsFromAccountToModule(ctx, payer, k.feeCollector, fee); err != nil {
			return err
		}
	}
	path := types.PathBeansOwing + "." + payer.String()
	return k.storage.SetWithoutNotify(ctx, vstoragetypes.NewEntry(path, rest.String()))
}

func decOf(beans math.Uint) math.LegacyDec { return math.LegacyNewDecFromBigInt(beans.BigInt()) }

// BeansOwing returns how many beans an account owes.
func (k *Keeper) BeansOwing(ctx sdk.Context, payer sdk.AccAddress) (math.Uint, error) {
	text, found, err := k.storage.Get(ctx, types.PathBeansOwing+"."+payer.String())
	if err != nil || !found {
		return math.ZeroUint(), err
	}
	owed, err := math.ParseUint(text)
	if err != nil {
		return owed, errorsmod.Wrapf(sdkerrors.ErrLogic, "beans owing of %s: %s", payer, err)
	}
	return owed, nil
}
