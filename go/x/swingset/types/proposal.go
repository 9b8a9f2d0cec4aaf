package types

import (
	"encoding/json"
	"strings"

	errorsmod "cosmossdk.io/errors"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
)

// ProposalTypeCoreEval is the name of core evals among x/gov's proposals.
const ProposalTypeCoreEval = "CoreEval"

var _ govv1beta1.Content = (*CoreEvalProposal)(nil)

// x/gov keeps its own list of proposal types.
func init() { govv1beta1.RegisterProposalType(ProposalTypeCoreEval) }

// ProposalRoute implements govv1beta1.Content.
func (p *CoreEvalProposal) ProposalRoute() string { return ModuleName }

// ProposalType implements govv1beta1.Content.
func (p *CoreEvalProposal) ProposalType() string { return ProposalTypeCoreEval }

// ValidateBasic implements govv1beta1.Content.
func (p *CoreEvalProposal) ValidateBasic() error {
	if err := govv1beta1.ValidateAbstract(p); err != nil {
		return err
	}
	if len(p.Evals) == 0 {
		return errorsmod.Wrap(sdkerrors.ErrInvalidRequest, "the proposal has nothing to evaluate")
	}
	for i, eval := range p.Evals {
		if err := eval.ValidateBasic(); err != nil {
			return errorsmod.Wrapf(err, "evals[%d]", i)
		}
	}
	return nil
}

// ValidateBasic checks the code and its permits. Only the kernel interprets
// them.
func (e CoreEval) ValidateBasic() error {
	if !json.Valid([]byte(e.JsonPermits)) {
		return errorsmod.Wrap(sdkerrors.ErrInvalidRequest, "json_permits is not JSON")
	}
	if strings.TrimSpace(e.JsCode) == "" {
		return errorsmod.Wrap(sdkerrors.ErrInvalidRequest, "js_code is empty")
	}
	return nil
}
