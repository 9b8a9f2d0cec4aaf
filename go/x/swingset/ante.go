package swingset

import (
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/keeper"
)

// AdmissionDecorator admits a transaction if the kernel can take its messages
// and they are paid for. It must come after signature verification.
type AdmissionDecorator struct{ keeper *keeper.Keeper }

var _ sdk.AnteDecorator = AdmissionDecorator{}

// NewAdmissionDecorator returns the decorator of a keeper.
func NewAdmissionDecorator(keeper *keeper.Keeper) AdmissionDecorator {
	return AdmissionDecorator{keeper}
}

// AnteHandle implements sdk.AnteDecorator. A simulation continues without room
// or money, so that it can estimate gas.
func (d AdmissionDecorator) AnteHandle(ctx sdk.Context, tx sdk.Tx, simulate bool, next sdk.AnteHandler) (sdk.Context, error) {
	msgs, err := unwrapped(tx.GetMsgs())
	if err == nil {
		err = d.keeper.Admit(ctx, msgs)
	}
	if err != nil && !simulate {
		return ctx, err
	}
	return next(ctx, tx, simulate)
}

// unwrapped returns messages with those that a message executes in its place,
// as authz.MsgExec does. The transaction's decoder bounds how deep they are
// nested.
func unwrapped(msgs []sdk.Msg) (all []sdk.Msg, err error) {
	for _, msg := range msgs {
		wrapper, is := msg.(interface{ GetMessages() ([]sdk.Msg, error) })
		if !is {
			all = append(all, msg)
			continue
		}
		inner, err := wrapper.GetMessages()
		if err != nil {
			return nil, errorsmod.Wrap(sdkerrors.ErrTxDecode, err.Error())
		}
		if inner, err = unwrapped(inner); err != nil {
			return nil, err
		}
		all = append(all, inner...)
	}
	return all, nil
}
