package app

import (
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/x/auth/ante"

	ibcante "github.com/cosmos/ibc-go/v11/modules/core/ante"

	"github.com/agd-bridge/agd-bridge/go/x/swingset"
	vbanktypes "github.com/agd-bridge/agd-bridge/go/x/vbank/types"
)

// anteHandler returns the checks that every transaction passes before its
// messages are handled: the SDK's own, in the SDK's order, after signature
// verification the kernel's, and at the end IBC's, which refuses what another
// relayer has done already.
func (app *App) anteHandler() sdk.AnteHandler {
	return sdk.ChainAnteDecorators(
		ante.NewSetUpContextDecorator(),
		ante.NewExtensionOptionsDecorator(nil),
		readableDecorator{},
		planDecorator{},
		ante.NewValidateBasicDecorator(),
		ante.NewTxTimeoutHeightDecorator(),
		ante.NewValidateMemoDecorator(app.Account),
		ante.NewConsumeGasForTxSizeDecorator(app.Account),
		ante.NewDeductFeeDecorator(app.Account, app.Bank, app.FeeGrant, nil).WithFeeRecipientModule(vbanktypes.ReservePoolName),
		ante.NewSetPubKeyDecorator(app.Account),
		ante.NewValidateSigCountDecorator(app.Account),
		ante.NewSigGasConsumeDecorator(app.Account, ante.DefaultSigVerificationGasConsumer),
		ante.NewSigVerificationDecorator(app.Account, app.encoding.TxConfig.SignModeHandler()),
		swingset.NewAdmissionDecorator(app.SwingSet),
		ante.NewIncrementSequenceDecorator(app.Account),
		ibcante.NewRedundantRelayDecorator(app.IBC),
	)
}

// readableDecorator gives a code to errors in the text of messages. To find the
// signers the SDK decodes the messages again, more strictly, and returns errors
// without a code.
type readableDecorator struct{}

var _ sdk.AnteDecorator = readableDecorator{}

// AnteHandle implements sdk.AnteDecorator.
func (readableDecorator) AnteHandle(ctx sdk.Context, tx sdk.Tx, simulate bool, next sdk.AnteHandler) (sdk.Context, error) {
	if _, err := tx.GetMsgsV2(); err != nil {
		if codespace, _, _ := errorsmod.ABCIInfo(err, false); codespace == errorsmod.UndefinedCodespace {
			err = errorsmod.Wrap(sdkerrors.ErrTxDecode, err.Error())
		}
		return ctx, err
	}
	return next(ctx, tx, simulate)
}
