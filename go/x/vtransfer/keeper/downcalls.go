package keeper

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"
	"github.com/cosmos/ibc-go/v11/modules/core/exported"

	"github.com/agd-bridge/agd-bridge/go/vm"
	vibctypes "github.com/agd-bridge/agd-bridge/go/x/vibc/types"
	"github.com/agd-bridge/agd-bridge/go/x/vtransfer/types"
)

// message has the members of all the kernel's messages. Source: @agoric/vats
// src/bridge-target.js and src/transfer.js.
type message struct {
	Type   string           `json:"type"`
	Target string           `json:"target"`
	Method string           `json:"method"`
	Packet vibctypes.Packet `json:"packet"`
	Ack    []byte           `json:"ack"`
}

// Downcalls returns the downcall of the kernel's port `vtransfer`. It takes the
// whole message of the kernel.
func (k *Keeper) Downcalls() vm.Downcalls {
	return vm.Downcalls{"vtransfer.Send": k.send}
}

// send serves one message. It is atomic: if it fails, nothing has changed. The
// kernel gets only errors that are Refusals.
func (k *Keeper) send(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
	var msg message
	if err := json.Unmarshal(params[0], &msg); err != nil {
		return nil, &vm.Refusal{Text: "vtransfer: malformed message", Cause: err}
	}
	branch, write := sdk.UnwrapSDKContext(ctx).CacheContext()
	if err := k.serve(branch, msg); err != nil {
		return nil, err
	}
	write()
	return json.RawMessage("true"), nil
}

func (k *Keeper) serve(ctx sdk.Context, msg message) error {
	isTarget := strings.HasPrefix(msg.Type, "BRIDGE_TARGET_")
	switch {
	case isTarget && msg.Target == "":
		return vm.Refuse("vtransfer: expected a target")
	case isTarget && len(msg.Target) > types.MaxTargetBytes:
		return vm.Refuse(fmt.Sprintf("vtransfer: the target has %d bytes, of at most %d (MaxTargetBytes)", len(msg.Target), types.MaxTargetBytes))
	case msg.Type == "BRIDGE_TARGET_REGISTER":
		return k.watched.Set(ctx, msg.Target, true)
	case msg.Type == "BRIDGE_TARGET_UNREGISTER":
		return k.watched.Remove(ctx, msg.Target)
	case msg.Type == "IBC_METHOD" && msg.Method == "receiveExecuted":
		return k.acknowledge(ctx, msg.Packet.Packet, msg.Ack)
	case msg.Type == "IBC_METHOD":
		return vm.Refuse(fmt.Sprintf("vtransfer: unrecognized method %q", vm.Echo(msg.Method)))
	}
	return vm.Refuse(fmt.Sprintf("vtransfer: unknown action type: %q", vm.Echo(msg.Type)))
}

// rawAck is an acknowledgement as its bytes.
type rawAck []byte

var _ exported.Acknowledgement = rawAck(nil)

// Success implements exported.Acknowledgement.
func (a rawAck) Success() bool {
	var ack channeltypes.Acknowledgement
	return channeltypes.SubModuleCdc.UnmarshalJSON(a, &ack) == nil && ack.Success()
}

// failed reports whether the other chain takes the acknowledgement for that of
// a failed transfer, and returns the coins.
func (a rawAck) failed() bool {
	var ack channeltypes.Acknowledgement
	return channeltypes.SubModuleCdc.UnmarshalJSON(a, &ack) == nil && !ack.Success()
}

// Acknowledgement implements exported.Acknowledgement.
func (a rawAck) Acknowledgement() []byte { return a }

// acknowledge writes the kernel's acknowledgement of a packet. The kernel
// chooses its text, but not whether the transfer has succeeded: then the other
// chain would return coins that this chain has paid out, or keep coins that it
// has not.
func (k *Keeper) acknowledge(ctx sdk.Context, packet channeltypes.Packet, ack rawAck) error {
	own, err := take(ctx, k.acks, receivedKey(packet))
	if err != nil {
		return err
	}
	if own == nil {
		return vm.Refuse(fmt.Sprintf("receiveExecuted: the packet %d awaits no acknowledgement", packet.Sequence))
	}
	if ack.failed() != rawAck(own).failed() {
		ctx.Logger().Info("the kernel's acknowledgement contradicts the transfer: the transfer's own is written",
			"port", packet.DestinationPort, "channel", packet.DestinationChannel, "sequence", packet.Sequence)
		ack = own
	}
	if err := k.below.WriteAcknowledgement(ctx, packet, ack); err != nil {
		codespace, code, _ := errorsmod.ABCIInfo(err, false)
		if codespace == errorsmod.UndefinedCodespace {
			return err // not IBC's: the block fails
		}
		return &vm.Refusal{Text: fmt.Sprintf("receiveExecuted: IBC refused it: codespace %s, code %d", codespace, code), Cause: err}
	}
	return nil
}
