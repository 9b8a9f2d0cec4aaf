package vm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/log/v2"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

func TestTheKernelHearsRefusalsAndNothingElse(t *testing.T) {
	sdkError := errorsmod.Wrap(sdkerrors.ErrInsufficientFunds, "99 is smaller than 100")
	const unanswered = size + ": agd could not answer: the block fails"
	for name, test := range map[string]struct {
		call   func() (json.RawMessage, error)
		told   string
		logged string
		failed string
	}{
		"a refusal": {
			call: func() (json.RawMessage, error) { return nil, vm.Refuse("no") },
			told: "no",
		},
		"a refusal with a cause": {
			call:   func() (json.RawMessage, error) { return nil, &vm.Refusal{Text: "too poor", Cause: sdkError} },
			told:   "too poor",
			logged: "99 is smaller than 100: insufficient funds",
		},
		"a refusal within another error": {
			call: func() (json.RawMessage, error) { return nil, fmt.Errorf("around: %w", vm.Refuse("no")) },
			told: "no",
		},
		"another error": {
			call:   func() (json.RawMessage, error) { return nil, errors.New("disk on fire") },
			told:   unanswered,
			failed: "swingset.EndBlock: " + size + ": disk on fire",
		},
		"an error of the SDK": {
			call:   func() (json.RawMessage, error) { return nil, sdkError },
			told:   unanswered,
			failed: "swingset.EndBlock: " + size + ": 99 is smaller than 100: insufficient funds",
		},
		"a panic": {
			call:   func() (json.RawMessage, error) { panic("account is not a module account") },
			told:   unanswered,
			failed: "swingset.EndBlock: " + size + ": panic: account is not a module account",
		},
		"a panic of Go's": {
			call:   func() (json.RawMessage, error) { return []json.RawMessage{}[len("x")], nil },
			told:   unanswered,
			failed: "swingset.EndBlock: " + size + ": panic: runtime error: index out of range [1] with length 0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			agd, kernel := connect(t)
			controller := vm.NewController(agd)
			require.NoError(t, controller.Serve(agd, vm.Downcalls{
				size: func(context.Context, []json.RawMessage) (json.RawMessage, error) { return test.call() },
			}))
			var refused error
			require.NoError(t, kernel.Handle(vm.MethodEndBlock, func(ctx context.Context, _ []json.RawMessage) (json.RawMessage, error) {
				_, refused = kernel.Call(ctx, size, path)
				return nil, nil
			}))
			var logged bytes.Buffer
			ctx := sdk.Context{}.WithLogger(log.NewLogger(&logged, log.OutputJSONOption()))
			_, err := controller.BlockAction(ctx, vm.MethodEndBlock, block)
			if test.failed == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, test.failed)
			}
			var remote *bridge.RemoteError
			require.ErrorAs(t, refused, &remote)
			require.Equal(t, test.told, remote.Message)
			require.Contains(t, logged.String(), test.logged)
			panicked := strings.Contains(test.failed, "panic: ")
			require.Equal(t, panicked, strings.Contains(logged.String(), "downcall panicked"))
			require.Equal(t, test.logged == "" && !panicked, logged.Len() == 0, logged.String())
		})
	}
}

func TestEchoIsShort(t *testing.T) {
	require.Equal(t, strings.Repeat("a", 200), vm.Echo(strings.Repeat("a", 200)))
	require.Equal(t, strings.Repeat("a", 200)+"…", vm.Echo(strings.Repeat("a", 201)))
	require.Equal(t, "a"+strings.Repeat("𝒳", 49)+"…", vm.Echo("a"+strings.Repeat("𝒳", 50)))
}
