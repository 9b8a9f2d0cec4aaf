package keeper

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

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
	// Several proposals may pass in one block. Their place in the queue
	// distinguishes them.
	place, err := k.storage.QueueLength(ctx, types.PathHighPriorityQueue)
	if err != nil {
		return err
	}
	return k.PushHighPriorityAction(ctx, coreEvalAction{
		actionHeader: headerOf(ctx, "CORE_EVAL"),
		Evals:        proposal.Evals,
	}, govSource, int(place))
}
