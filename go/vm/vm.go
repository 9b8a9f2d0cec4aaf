// Package vm holds the ports between the chain and the kernel: what the app's
// modules ask of the kernel (Kernel), and what the kernel asks of them
// (Downcalls). docs/protocol.md maps the methods to the kernel's own messages.
package vm

import (
	"context"
	"encoding/json"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Methods of the upcalls: the kernel's actions (cosmic-swingset's
// src/launch-chain.js, @agoric/internal src/action-types.js).
const (
	MethodInit             = "swingset.Init"
	MethodBeginBlock       = "swingset.BeginBlock"
	MethodEndBlock         = "swingset.EndBlock"
	MethodCommitBlock      = "swingset.CommitBlock"
	MethodAfterCommitBlock = "swingset.AfterCommitBlock"
	MethodSwingStoreExport = "swingset.SwingStoreExport"
	// MethodSwingStoreState is no action of the kernel's: agvm answers it. A VM
	// that does has it among its capabilities.
	MethodSwingStoreState = "swingset.SwingStoreState"
)

// BlockActions are the methods of which at most one may run at a time.
var BlockActions = blockActions()

// DowncallMethods are the methods of which the kernel must ask for the answer.
var DowncallMethods = downcallMethods()

// Kernel runs block actions.
type Kernel interface {
	// BlockAction runs one block action and returns when the kernel has ended
	// it. Downcalls that the kernel makes meanwhile are served with ctx. There
	// is at most one block action at a time: a second is an error.
	BlockAction(ctx sdk.Context, method string, action any) (json.RawMessage, error)
}

// Downcall answers one downcall of the kernel within the context of the block
// action that is running: ctx is an sdk.Context, as messages get it, and the
// same value for every downcall. To pass an sdk.Context where an interface is
// expected copies a kilobyte. params are the raw values as they came. The
// kernel hears of an error that is a Refusal; any other fails the block.
type Downcall func(ctx context.Context, params []json.RawMessage) (json.RawMessage, error)

// Downcalls are a module's downcalls by method, such as "vbank.GetBalance".
type Downcalls map[string]Downcall
