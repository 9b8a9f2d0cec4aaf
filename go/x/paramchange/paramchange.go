//go:build !next

// Package paramchange lets governance change parameters by the same proposals
// as on Agoric's chain: x/params' ParameterChangeProposal, with the module as
// the subspace and the parameter's name as the key. The modules keep their
// parameters themselves, not in x/params.
package paramchange

import (
	"context"
	"encoding/json"
	"strings"

	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
	"github.com/cosmos/cosmos-sdk/x/params/types/proposal"
	"github.com/cosmos/gogoproto/proto"
)

// Module changes all given parameters of a module, or none. Its errors become
// part of the chain's state, so they must be the same on every node.
type Module func(ctx sdk.Context, changes []proposal.ParamChange) error

// Of returns the Module of a keeper that has its parameters in one message. set
// must refuse invalid parameters.
func Of[P any, M interface {
	*P
	proto.Message
}](cdc codec.JSONCodec, get func(context.Context) (P, error), set func(context.Context, P) error) Module {
	return func(ctx sdk.Context, changes []proposal.ParamChange) error {
		params, err := get(ctx)
		if err != nil {
			return err
		}
		for _, c := range changes {
			text, err := cdc.MarshalJSON(M(&params))
			if err != nil {
				return err
			}
			if text, err = withField(text, c.Key, c.Value); err != nil {
				return err
			}
			var changed P
			if cdc.UnmarshalJSON(text, M(&changed)) != nil {
				// The decoder's error may differ from run to run.
				return errorsmod.Wrapf(proposal.ErrSettingParameter, "%s cannot be %s", c.Key, short(c.Value))
			}
			params = changed
		}
		return set(ctx, params)
	}
}

// short returns a value for an error: on one line, cut off if it is long.
func short(value string) string {
	value = strings.Join(strings.Fields(value), " ")
	if runes := []rune(value); len(runes) > 200 {
		return string(runes[:200]) + "…"
	}
	return value
}

// withField replaces a field of a JSON object.
func withField(object []byte, name, value string) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(object, &fields); err != nil {
		return nil, err
	}
	if _, is := fields[name]; !is {
		return nil, errorsmod.Wrapf(proposal.ErrSettingParameter, "there is no %q", name)
	}
	if !json.Valid([]byte(value)) {
		return nil, errorsmod.Wrapf(proposal.ErrSettingParameter, "%s: not JSON: %s", name, short(value))
	}
	fields[name] = json.RawMessage(value)
	return json.Marshal(fields)
}

// NewHandler returns the handler that x/gov calls with proposals that passed,
// and once with each submitted one as a dry run.
func NewHandler(modules map[string]Module) govv1beta1.Handler {
	return func(ctx sdk.Context, content govv1beta1.Content) error {
		change, ok := content.(*proposal.ParameterChangeProposal)
		if !ok {
			return errorsmod.Wrapf(sdkerrors.ErrUnknownRequest, "not a change of parameters: %T", content)
		}
		var order []string
		changes := map[string][]proposal.ParamChange{}
		for _, c := range change.Changes {
			if changes[c.Subspace] == nil {
				order = append(order, c.Subspace)
			}
			changes[c.Subspace] = append(changes[c.Subspace], c)
		}
		for _, name := range order {
			module, found := modules[name]
			if !found {
				return errorsmod.Wrapf(proposal.ErrUnknownSubspace, "%q", name)
			}
			if err := module(ctx, changes[name]); err != nil {
				return errorsmod.Wrap(err, name)
			}
		}
		return nil
	}
}
