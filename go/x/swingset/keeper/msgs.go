package keeper

import (
	"context"
	"crypto/sha256"
	"fmt"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// MsgServer handles the module's messages.
type MsgServer struct{ keeper *Keeper }

var _ types.MsgServer = MsgServer{}

// NewMsgServer makes the message server of a keeper.
func NewMsgServer(keeper *Keeper) MsgServer { return MsgServer{keeper} }

// walletAction is the kernel's WALLET_ACTION.
type walletAction struct {
	Type        string `json:"type"`
	BlockHeight int64  `json:"blockHeight"`
	BlockTime   int64  `json:"blockTime"`
	Owner       string `json:"owner"`
	Action      string `json:"action"`
}

// WalletAction implements types.MsgServer. It fails while the kernel's inbound
// queues are full.
func (s MsgServer) WalletAction(goCtx context.Context, msg *types.MsgWalletAction) (*types.MsgWalletActionResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	if msg.Action == "" {
		return nil, errorsmod.Wrap(sdkerrors.ErrInvalidRequest, "the action is empty")
	}
	if err := s.keeper.requireRoom(ctx); err != nil {
		return nil, err
	}
	action := walletAction{
		Type:        "WALLET_ACTION",
		BlockHeight: ctx.BlockHeight(),
		BlockTime:   ctx.BlockTime().Unix(),
		Owner:       msg.Owner,
		Action:      msg.Action,
	}
	txHash := fmt.Sprintf("%X", sha256.Sum256(ctx.TxBytes()))
	if err := s.keeper.PushAction(ctx, action, txHash, ctx.MsgIndex()); err != nil {
		return nil, err
	}
	return &types.MsgWalletActionResponse{}, nil
}

// requireRoom fails while the inbound queues hold what they may.
func (k *Keeper) requireRoom(ctx sdk.Context) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	queued, err := k.queued(ctx)
	if err != nil {
		return err
	}
	if most, _ := types.Size(params.QueueMax, types.QueueInbound); queued >= uint64(max(0, most)) {
		return errorsmod.Wrapf(sdkerrors.ErrMempoolIsFull, "the kernel has %d actions to do, and takes no more now", queued)
	}
	return nil
}
