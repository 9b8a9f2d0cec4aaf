package keeper

import (
	"context"
	"encoding/json"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

// message has the members of all the kernel's messages. Source: @agoric/vats
// src/localchain.js.
type message struct {
	Type     string            `json:"type"`
	Address  string            `json:"address"`
	Messages []json.RawMessage `json:"messages"`
}

// Downcalls returns the downcall of the kernel's port `vlocalchain`. It takes
// the whole message of the kernel.
func (k *Keeper) Downcalls() vm.Downcalls {
	return vm.Downcalls{"vlocalchain.Send": k.send}
}

// methods serve the kernel's messages.
var methods = map[string]func(k *Keeper, ctx sdk.Context, msg message) (any, error){
	"VLOCALCHAIN_ALLOCATE_ADDRESS": (*Keeper).allocate,
	"VLOCALCHAIN_QUERY_MANY":       (*Keeper).queryMany,
	"VLOCALCHAIN_EXECUTE_TX":       (*Keeper).executeTx,
}

// send serves one message. It is atomic: if it fails, nothing has changed. The
// kernel gets only errors that are Refusals.
func (k *Keeper) send(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
	var msg message
	if err := json.Unmarshal(params[0], &msg); err != nil {
		return nil, &vm.Refusal{Text: "vlocalchain: malformed message", Cause: err}
	}
	serve, known := methods[msg.Type]
	if !known {
		return nil, vm.Refuse(fmt.Sprintf("vlocalchain: unrecognized message type %q", vm.Echo(msg.Type)))
	}
	branch, write := sdk.UnwrapSDKContext(ctx).CacheContext()
	result, err := serve(k, branch, msg)
	if err != nil {
		return nil, err
	}
	text, err := vm.Marshal(result)
	if err != nil {
		return nil, err
	}
	write()
	return text, nil
}

func (k *Keeper) allocate(ctx sdk.Context, _ message) (any, error) {
	address, err := k.allocateAddress(ctx)
	if err != nil {
		return nil, err
	}
	return k.accounts.AddressCodec().BytesToString(address)
}
