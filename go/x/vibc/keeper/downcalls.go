package keeper

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"
	host "github.com/cosmos/ibc-go/v11/modules/core/24-host"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/vibc/types"
)

// message has the members of all the kernel's messages. Source: IBCDowncall in
// @agoric/vats src/types.d.ts.
type message struct {
	Type              string       `json:"type"`
	Method            string       `json:"method"`
	Packet            types.Packet `json:"packet"`
	RelativeTimeoutNs uint64       `json:"relativeTimeoutNs,string"`
	Order             string       `json:"order"`
	Hops              []string     `json:"hops"`
	Version           string       `json:"version"`
	Ack               []byte       `json:"ack"`
}

// Downcalls returns the downcall of the kernel's port `vibc`. It takes the
// whole message of the kernel.
func (k *Keeper) Downcalls() vm.Downcalls {
	return vm.Downcalls{"vibc.Send": k.send}
}

// send serves one message. It is atomic: if it fails, nothing has changed. The
// kernel gets only errors that are Refusals.
func (k *Keeper) send(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
	var kind struct {
		Type   string `json:"type"`
		Method string `json:"method"`
	}
	if err := json.Unmarshal(params[0], &kind); err != nil {
		return nil, &vm.Refusal{Text: "vibc: a message must be an object with type and method", Cause: err}
	}
	if kind.Type != "IBC_METHOD" {
		return nil, vm.Refuse(fmt.Sprintf("vibc: expected a message of type IBC_METHOD, got %q", vm.Echo(kind.Type)))
	}
	serve, known := methods[kind.Method]
	if !known {
		return nil, vm.Refuse(fmt.Sprintf("vibc: unrecognized method %q", vm.Echo(kind.Method)))
	}
	var msg message
	if err := json.Unmarshal(params[0], &msg); err != nil {
		return nil, &vm.Refusal{Text: kind.Method + ": malformed message", Cause: err}
	}
	branch, write := sdk.UnwrapSDKContext(ctx).CacheContext()
	result, err := serve(k, branch, msg)
	if err != nil {
		return nil, refused(kind.Method, err)
	}
	text, err := vm.Marshal(result)
	if err != nil {
		return nil, err
	}
	write()
	return text, nil
}

// refused returns what the kernel gets for an error. The texts of IBC's errors
// change with its versions, its codes do not.
func refused(method string, err error) error {
	if refusal, is := err.(*vm.Refusal); is {
		return &vm.Refusal{Text: method + ": " + refusal.Text, Cause: refusal.Cause}
	}
	codespace, code, _ := errorsmod.ABCIInfo(err, false)
	if codespace == errorsmod.UndefinedCodespace {
		return err // not IBC's: the block fails
	}
	return &vm.Refusal{Text: fmt.Sprintf("%s: IBC refused it: codespace %s, code %d", method, codespace, code), Cause: err}
}

// methods serve the kernel's messages.
var methods = map[string]func(k *Keeper, ctx sdk.Context, msg message) (any, error){
	"bindPort":              (*Keeper).bindPort,
	"startChannelOpenInit":  (*Keeper).startChannelOpenInit,
	"startChannelCloseInit": (*Keeper).startChannelCloseInit,
	"sendPacket":            (*Keeper).sendPacket,
	"receiveExecuted":       (*Keeper).receiveExecuted,
	"timeoutExecuted":       (*Keeper).timeoutExecuted,
	"initOpenExecuted":      versionChosen,
	"tryOpenExecuted":       versionChosen,
}

// versionChosen answers a choice of a channel's version. The chain has already
// accepted the proposed one (types.ChannelOpen.AsyncVersions).
func versionChosen(*Keeper, sdk.Context, message) (any, error) {
	return nil, vm.Refuse("the channel has its version already: asyncVersions is false")
}

// bindPort makes a port the kernel's. Ports that another module serves are
// refused.
func (k *Keeper) bindPort(ctx sdk.Context, msg message) (any, error) {
	port := msg.Packet.SourcePort
	if err := host.PortIdentifierValidator(port); err != nil {
		return nil, &vm.Refusal{Text: fmt.Sprintf("invalid port %q", vm.Echo(port)), Cause: err}
	}
	bound, err := k.ports.Has(ctx, port)
	switch {
	case err != nil:
		return nil, err
	case bound:
		return nil, vm.Refuse(fmt.Sprintf("port %q is bound already", port))
	case !k.isKernels(port):
		return nil, vm.Refuse(fmt.Sprintf("port %q belongs to another module", port))
	}
	return true, k.ports.Set(ctx, port, true)
}

// requireOwn refuses a port that the kernel has not bound, so that a vat cannot
// act for another module, such as the one that holds transfers in escrow.
func (k *Keeper) requireOwn(ctx sdk.Context, port string) error {
	if host.PortIdentifierValidator(port) == nil {
		if bound, err := k.ports.Has(ctx, port); bound || err != nil {
			return err
		}
	}
	return vm.Refuse(fmt.Sprintf("port %q is not bound", vm.Echo(port)))
}

// startChannelOpenInit starts a handshake. A relayer continues it.
func (k *Keeper) startChannelOpenInit(ctx sdk.Context, msg message) (any, error) {
	port := msg.Packet.SourcePort
	if err := k.requireOwn(ctx, port); err != nil {
		return nil, err
	}
	counterparty := channeltypes.Counterparty{PortId: msg.Packet.DestinationPort}
	order := orderNamed(msg.Order)
	channel := channeltypes.NewChannel(channeltypes.INIT, order, counterparty, msg.Hops, msg.Version)
	if err := channel.ValidateBasic(); err != nil {
		return nil, err
	}
	id, err := k.channels.ChanOpenInit(ctx, order, msg.Hops, port, counterparty, msg.Version)
	if err != nil {
		return nil, err
	}
	k.channels.WriteOpenInitChannel(ctx, port, id, order, msg.Hops, counterparty, msg.Version)
	return true, nil
}

func orderNamed(name string) channeltypes.Order {
	for order, known := range types.OrderNames {
		if known == name {
			return order
		}
	}
	return channeltypes.NONE
}

// startChannelCloseInit closes a channel. A relayer closes the other end.
func (k *Keeper) startChannelCloseInit(ctx sdk.Context, msg message) (any, error) {
	if err := k.requireOwn(ctx, msg.Packet.SourcePort); err != nil {
		return nil, err
	}
	return true, k.channels.ChanCloseInit(ctx, msg.Packet.SourcePort, msg.Packet.SourceChannel)
}

// sendPacket sends a packet and returns it with its sequence. Without a timeout
// of its own it times out relativeTimeoutNs after this block.
func (k *Keeper) sendPacket(ctx sdk.Context, msg message) (any, error) {
	packet := msg.Packet
	if err := k.requireOwn(ctx, packet.SourcePort); err != nil {
		return nil, err
	}
	if packet.TimeoutHeight.IsZero() && packet.TimeoutTimestamp == 0 {
		now := uint64(ctx.BlockTime().UnixNano())
		if msg.RelativeTimeoutNs > math.MaxUint64-now {
			return nil, vm.Refuse("relativeTimeoutNs is too large")
		}
		packet.TimeoutTimestamp = now + msg.RelativeTimeoutNs
	}
	var err error
	packet.Sequence, err = k.channels.SendPacket(ctx, packet.SourcePort, packet.SourceChannel,
		packet.TimeoutHeight, packet.TimeoutTimestamp, packet.Data)
	return packet, err
}

// acknowledgement is the kernel's acknowledgement of a packet.
type acknowledgement []byte

// Success implements exported.Acknowledgement.
func (acknowledgement) Success() bool { return true }

// Acknowledgement implements exported.Acknowledgement.
func (a acknowledgement) Acknowledgement() []byte { return a }

// receiveExecuted acknowledges a packet that the kernel has received.
func (k *Keeper) receiveExecuted(ctx sdk.Context, msg message) (any, error) {
	packet := msg.Packet.Packet
	if err := k.requireOwn(ctx, packet.DestinationPort); err != nil {
		return nil, err
	}
	if !k.received(ctx, packet) {
		return nil, vm.Refuse(fmt.Sprintf("the packet %d has not been received", packet.Sequence))
	}
	return true, k.channels.WriteAcknowledgement(ctx, packet, acknowledgement(msg.Ack))
}

// received reports whether the chain has received a packet: on a channel
// without order it has a receipt, else the next sequence is a later one.
func (k *Keeper) received(ctx sdk.Context, packet channeltypes.Packet) bool {
	channel, found := k.channels.GetChannel(ctx, packet.DestinationPort, packet.DestinationChannel)
	if !found {
		return false
	}
	if channel.Ordering == channeltypes.UNORDERED {
		_, found = k.channels.GetPacketReceipt(ctx, packet.DestinationPort, packet.DestinationChannel, packet.Sequence)
		return found
	}
	next, found := k.channels.GetNextSequenceRecv(ctx, packet.DestinationPort, packet.DestinationChannel)
	return found && packet.Sequence > 0 && packet.Sequence < next
}

// timeoutExecuted confirms a packet's timeout. IBC has already removed the
// packet when the kernel learns of the timeout.
func (k *Keeper) timeoutExecuted(ctx sdk.Context, msg message) (any, error) {
	packet := msg.Packet
	if err := k.requireOwn(ctx, packet.SourcePort); err != nil {
		return nil, err
	}
	if len(k.channels.GetPacketCommitment(ctx, packet.SourcePort, packet.SourceChannel, packet.Sequence)) > 0 {
		return nil, vm.Refuse(fmt.Sprintf("the packet %d has not timed out", packet.Sequence))
	}
	return true, nil
}
