package app

import (
	"fmt"
	"runtime/debug"
	"strings"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
)

// maxPanicRunes bounds the part of a panic's reason in a transaction's log.
const maxPanicRunes = 500

// recovered reduces a transaction's panic to one line. The SDK would put Go's
// stack into the transaction's log, which is public. This node's own log gets
// the stack instead. Running out of gas stays the SDK's own error.
func recovered(logger log.Logger) baseapp.RecoveryHandler {
	return func(reason any) error {
		if _, outOfGas := reason.(storetypes.ErrorOutOfGas); outOfGas {
			return nil
		}
		logger.Error("a transaction panicked", "reason", reason, "stack", string(debug.Stack()))
		line := strings.Join(strings.Fields(fmt.Sprint(reason)), " ")
		if runes := []rune(line); len(runes) > maxPanicRunes {
			line = string(runes[:maxPanicRunes]) + "…"
		}
		return errorsmod.Wrapf(sdkerrors.ErrPanic, "recovered: %s", line)
	}
}
