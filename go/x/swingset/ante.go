package swingset

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

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
	if err := d.keeper.Admit(ctx, tx.GetMsgs()); err != nil && !simulate {
		return ctx, err
	}
	return next(ctx, tx, simulate)
}
