package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// MsgServer handles the module's messages. Each message is validated, also if
// it comes from elsewhere than a transaction, and fails while the kernel's
// inbound queues are full.
type MsgServer struct{ keeper *Keeper }

var _ types.MsgServer = MsgServer{}

// NewMsgServer returns the message server of a keeper.
func NewMsgServer(keeper *Keeper) MsgServer { return MsgServer{keeper} }

// WalletAction implements types.MsgServer.
func (s MsgServer) WalletAction(goCtx context.Context, msg *types.MsgWalletAction) (*types.MsgWalletActionResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	if err := s.admit(ctx, msg, false); err != nil {
		return nil, err
	}
	if err := s.keeper.provisionIfNeeded(ctx, msg.Owner); err != nil {
		return nil, err
	}
	return &types.MsgWalletActionResponse{}, s.keeper.pushFromTx(ctx, false, walletActionOf(ctx, msg))
}

// WalletSpendAction implements types.MsgServer. The kernel consumes the actions
// of high-priority senders first, and these are accepted even if the queues are
// full.
func (s MsgServer) WalletSpendAction(goCtx context.Context, msg *types.MsgWalletSpendAction) (*types.MsgWalletSpendActionResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	urgent, err := s.keeper.IsHighPrioritySender(ctx, msg.Owner)
	if err != nil {
		return nil, err
	}
	if err := s.admit(ctx, msg, urgent); err != nil {
		return nil, err
	}
	if err := s.keeper.provisionIfNeeded(ctx, msg.Owner); err != nil {
		return nil, err
	}
	return &types.MsgWalletSpendActionResponse{}, s.keeper.pushFromTx(ctx, urgent, walletSpendActionOf(ctx, msg))
}

// admit validates the message and, unless it is urgent, requires room for its
// action.
func (s MsgServer) admit(ctx sdk.Context, msg sdk.HasValidateBasic, urgent bool) error {
	if err := msg.ValidateBasic(); err != nil || urgent {
		return err
	}
	return s.keeper.requireRoom(ctx, 1)
}

// IsHighPrioritySender reports whether the kernel lists the account among those
// whose spend actions come first.
func (k *Keeper) IsHighPrioritySender(ctx sdk.Context, sender sdk.AccAddress) (bool, error) {
	if sender.Empty() {
		return false, nil
	}
	return k.storage.HasEntry(ctx, types.PathHighPrioritySenders+"."+sender.String())
}
