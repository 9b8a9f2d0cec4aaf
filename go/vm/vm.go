// Package vm defines the ports between the chain and the kernel: what the app's
// modules ask of the kernel (BlockRunner), and what the kernel asks of them
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
	// MethodSwingStoreState is not an action of the kernel: agvm serves it. A
	// VM that supports it lists it among its capabilities.
	MethodSwingStoreState = "swingset.SwingStoreState"
)

// BlockActions are the methods of block actions. At most one may run at a time.
var BlockActions = blockActions()

// DowncallMethods are the methods that the kernel must call as requests.
var DowncallMethods = downcallMethods()

// BlockRunner runs block actions in the kernel.
type BlockRunner interface {
	// BlockAction runs one block action and returns when the kernel has ended
	// it. Downcalls that the kernel makes during the action are served with
	// ctx. At most one block action runs at a time: a second one is an error.
	BlockAction(ctx sdk.Context, method string, action any) (json.RawMessage, error)
}

// Downcall serves one downcall of the kernel within the context of the running
// block action. ctx is an sdk.Context, as for messages, and the same value for
// every downcall, because passing an sdk.Context as an interface copies a
// kilobyte. params are the raw JSON values. The kernel gets an error that is a
// Refusal; any other error fails the block.
type Downcall func(ctx context.Context, params []json.RawMessage) (json.RawMessage, error)

// Downcalls are a module's downcalls by method, such as "vbank.GetBalance".
type Downcalls map[string]Downcall
