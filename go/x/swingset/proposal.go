package swingset

import (
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/keeper"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// NewProposalHandler returns the handler that x/gov calls with the module's
// proposals that passed, and once with each submitted one as a dry run.
func NewProposalHandler(k *keeper.Keeper) govv1beta1.Handler {
	return func(ctx sdk.Context, content govv1beta1.Content) error {
		if proposal, ok := content.(*types.CoreEvalProposal); ok {
			return k.CoreEval(ctx, proposal)
		}
		return errorsmod.Wrapf(sdkerrors.ErrUnknownRequest, "x/swingset has no proposals of type %T", content)
	}
}
