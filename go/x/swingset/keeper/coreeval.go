package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// govSource takes the place of the transaction's hash in actions that
// governance queues.
const govSource = "x/gov"

type coreEvalAction struct {
	actionHeader
	Evals []types.CoreEval `json:"evals"`
}

// CoreEval queues the code of a proposal that passed. The kernel consumes it
// before all actions that transactions queued.
func (k *Keeper) CoreEval(ctx sdk.Context, proposal *types.CoreEvalProposal) error {
	if err := proposal.ValidateBasic(); err != nil {
		return err
	}
	return k.evaluate(ctx, proposal.Evals)
}

// CoreEval implements types.MsgServer.
func (s MsgServer) CoreEval(ctx context.Context, msg *types.MsgCoreEval) (*types.MsgCoreEvalResponse, error) {
	if msg.Authority != s.keeper.authority {
		return nil, errorsmod.Wrap(sdkerrors.ErrUnauthorized, "only governance authority can call CoreEval")
	}
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	evals := []types.CoreEval{{JsonPermits: msg.JsonPermits, JsCode: msg.JsCode}}
	return &types.MsgCoreEvalResponse{}, s.keeper.evaluate(sdk.UnwrapSDKContext(ctx), evals)
}

// evaluate queues code for the kernel's core.
func (k *Keeper) evaluate(ctx sdk.Context, evals []types.CoreEval) error {
	// Several proposals may pass in one block. Their place in the queue
	// distinguishes them.
	place, err := k.storage.QueueLength(ctx, types.PathHighPriorityQueue)
	if err != nil {
		return err
	}
	return k.PushHighPriorityAction(ctx, coreEvalAction{
		actionHeader: headerOf(ctx, "CORE_EVAL"),
		Evals:        evals,
	}, govSource, int(place))
}
