package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

type deliverInboundAction struct {
	actionHeader
	Peer string `json:"peer"`
	// Messages are pairs of number and text.
	Messages [][2]any `json:"messages"`
	Ack      uint64   `json:"ack"`
}

// DeliverInbound implements types.MsgServer. The submitter is the peer.
func (s MsgServer) DeliverInbound(goCtx context.Context, msg *types.MsgDeliverInbound) (*types.MsgDeliverInboundResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	if err := s.admit(ctx, msg, false); err != nil {
		return nil, err
	}
	return &types.MsgDeliverInboundResponse{}, s.keeper.pushFromTx(ctx, false, deliverInboundOf(ctx, msg))
}

func deliverInboundOf(ctx sdk.Context, msg *types.MsgDeliverInbound) deliverInboundAction {
	action := deliverInboundAction{
		actionHeader: headerOf(ctx, "DELIVER_INBOUND"),
		Peer:         msg.Submitter.String(),
		Messages:     make([][2]any, len(msg.Messages)),
		Ack:          msg.Ack,
	}
	for i, message := range msg.Messages {
		action.Messages[i] = [2]any{msg.Nums[i], message}
	}
	return action
}
