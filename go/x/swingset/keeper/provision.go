package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
	vstoragetypes "github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// provisionPass is the coin whose holders provision without a fee.
const provisionPass = "provisionpass"

type provisionAction struct {
	actionHeader
	*types.MsgProvision
	AutoProvision bool `json:"autoProvision"`
}

func (k *Keeper) pushProvision(ctx sdk.Context, msg *types.MsgProvision, auto bool) error {
	return k.pushFromTx(ctx, false, provisionAction{headerOf(ctx, "PLEASE_PROVISION"), msg, auto})
}

// Provision implements types.MsgServer. It charges the submitter, and creates
// the account if there is none.
func (s MsgServer) Provision(goCtx context.Context, msg *types.MsgProvision) (*types.MsgProvisionResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	if err := s.admit(ctx, msg, false); err != nil {
		return nil, err
	}
	if err := s.keeper.chargeForProvisioning(ctx, msg.Submitter, msg.PowerFlags); err != nil {
		return nil, err
	}
	egress := types.Egress{Nickname: msg.Nickname, Peer: msg.Address, PowerFlags: msg.PowerFlags}
	if err := s.keeper.setEgress(ctx, egress); err != nil {
		return nil, err
	}
	return &types.MsgProvisionResponse{}, s.keeper.pushProvision(ctx, msg, false)
}

// provisionIfNeeded queues a provisioning for an owner who has no smart wallet
// yet. Each action repeats it until the kernel has published a wallet, because
// a provisioning may fail.
func (k *Keeper) provisionIfNeeded(ctx sdk.Context, owner sdk.AccAddress) error {
	if has, err := k.HasSmartWallet(ctx, owner); err != nil || has {
		return err
	}
	return k.pushProvision(ctx, &types.MsgProvision{
		Address:    owner,
		PowerFlags: []string{types.PowerFlagSmartWallet},
		Submitter:  owner,
	}, true)
}

// HasSmartWallet reports whether the kernel has published a wallet of the
// owner.
func (k *Keeper) HasSmartWallet(ctx sdk.Context, owner sdk.AccAddress) (bool, error) {
	return k.storage.HasEntry(ctx, types.PathWallets+"."+owner.String())
}

// chargeForProvisioning takes the flags' fees from the submitter. The first
// entry of a flag counts.
func (k *Keeper) chargeForProvisioning(ctx sdk.Context, submitter sdk.AccAddress, flags []string) error {
	if k.bank.HasBalance(ctx, submitter, sdk.NewInt64Coin(provisionPass, 1)) {
		return nil
	}
	if len(flags) == 0 {
		return errorsmod.Wrap(sdkerrors.ErrInvalidRequest, "powerFlags are empty, which only a "+provisionPass+" allows")
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	fees := sdk.NewCoins()
	for _, flag := range flags {
		fee, known := params.FeeOfPowerFlag(flag)
		if !known {
			return errorsmod.Wrapf(sdkerrors.ErrInvalidRequest, "power flag %q has no fee", flag)
		}
		fees = fees.Add(fee...)
	}
	if fees.IsZero() {
		return nil
	}
	return k.bank.SendCoinsFromAccountToModule(ctx, submitter, k.feeCollector, fees)
}

// setEgress records a provisioning, and creates the account if there is none.
func (k *Keeper) setEgress(ctx sdk.Context, egress types.Egress) error {
	text, err := vm.Marshal(egress)
	if err != nil {
		return err
	}
	path := types.PathEgress + "." + egress.Peer.String()
	if err := k.storage.LegacySet(ctx, vstoragetypes.NewEntry(path, string(text))); err != nil {
		return err
	}
	if k.accounts.GetAccount(ctx, egress.Peer) == nil {
		k.accounts.SetAccount(ctx, k.accounts.NewAccountWithAddress(ctx, egress.Peer))
	}
	return nil
}
