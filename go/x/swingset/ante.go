package swingset

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/keeper"
)

// AdmissionDecorator lets a transaction go on if the kernel may take its
// messages and they are paid for. It comes after the signatures were verified.
type AdmissionDecorator struct{ keeper *keeper.Keeper }

var _ sdk.AnteDecorator = AdmissionDecorator{}

// NewAdmissionDecorator makes the decorator of a keeper.
func NewAdmissionDecorator(keeper *keeper.Keeper) AdmissionDecorator {
	return AdmissionDecorator{keeper}
}

// AnteHandle implements sdk.AnteDecorator. A simulation goes on without room or
// money, for the sake of its gas.
func (d AdmissionDecorator) AnteHandle(ctx sdk.Context, tx sdk.Tx, simulate bool, next sdk.AnteHandler) (sdk.Context, error) {
	if err := d.keeper.Admit(ctx, tx.GetMsgs()); err != nil && !simulate {
		return ctx, err
	}
	return next(ctx, tx, simulate)
}
