package app

import (
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/auth/ante"

	"github.com/agd-bridge/agd-bridge/go/x/swingset"
)

// anteHandler is what every transaction passes before its messages are handled:
// the SDK's own checks, in the SDK's order, and once the signatures are
// verified the kernel's.
func (app *App) anteHandler() sdk.AnteHandler {
	return sdk.ChainAnteDecorators(
		ante.NewSetUpContextDecorator(),
		ante.NewExtensionOptionsDecorator(nil),
		ante.NewValidateBasicDecorator(),
		ante.NewTxTimeoutHeightDecorator(),
		ante.NewValidateMemoDecorator(app.Account),
		ante.NewConsumeGasForTxSizeDecorator(app.Account),
		ante.NewDeductFeeDecorator(app.Account, app.Bank, nil, nil),
		ante.NewSetPubKeyDecorator(app.Account),
		ante.NewValidateSigCountDecorator(app.Account),
		ante.NewSigGasConsumeDecorator(app.Account, ante.DefaultSigVerificationGasConsumer),
		ante.NewSigVerificationDecorator(app.Account, app.encoding.TxConfig.SignModeHandler()),
		swingset.NewAdmissionDecorator(app.SwingSet),
		ante.NewIncrementSequenceDecorator(app.Account),
	)
}
