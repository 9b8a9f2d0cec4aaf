package keeper

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// govSource stands for the transaction's hash in what governance queues.
const govSource = "x/gov"

type coreEvalAction struct {
	actionHeader
	Evals []types.CoreEval `json:"evals"`
}

// CoreEval queues the code of a proposal that passed. The kernel takes it
// before all that transactions queued.
func (k *Keeper) CoreEval(ctx sdk.Context, proposal *types.CoreEvalProposal) error {
	if err := proposal.ValidateBasic(); err != nil {
		return err
	}
	// Several proposals may pass in one block: their place in the queue tells
	// them apart.
	place, err := k.storage.QueueLength(ctx, types.PathHighPriorityQueue)
	if err != nil {
		return err
	}
	return k.PushHighPriorityAction(ctx, coreEvalAction{
		actionHeader: headerOf(ctx, "CORE_EVAL"),
		Evals:        proposal.Evals,
	}, govSource, int(place))
}
