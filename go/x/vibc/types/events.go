package types

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"
)

// Events are actions of the kernel's queue for the vat behind the bridge
// `dibc`. Source: IBCEvent in @agoric/vats src/types.d.ts.

// Header is part of every event.
type Header struct {
	Type        string `json:"type"`
	BlockHeight int64  `json:"blockHeight"`
	BlockTime   int64  `json:"blockTime"` // seconds since 1970
	Event       string `json:"event"`
	// Target is the address whose packet vtransfer intercepted.
	Target string `json:"target,omitempty"`
}

// NewHeader returns the header of an event of this block.
func NewHeader(ctx sdk.Context, event string) Header {
	return Header{Type: "IBC_EVENT", BlockHeight: ctx.BlockHeight(), BlockTime: ctx.BlockTime().Unix(), Event: event}
}

// ChannelOpen is the event channelOpenInit or channelOpenTry.
type ChannelOpen struct {
	Header
	Order          string                    `json:"order"`
	ConnectionHops []string                  `json:"connectionHops"`
	PortID         string                    `json:"portID"`
	ChannelID      string                    `json:"channelID"`
	Counterparty   channeltypes.Counterparty `json:"counterparty"`
	Version        string                    `json:"version"`
	// AsyncVersions says whether the kernel must choose the version by a
	// downcall. Here it must not: the chain accepts the version that was
	// proposed.
	AsyncVersions bool `json:"asyncVersions"`
}

// ChannelOpenAck is the event channelOpenAck.
type ChannelOpenAck struct {
	Header
	PortID              string                    `json:"portID"`
	ChannelID           string                    `json:"channelID"`
	CounterpartyVersion string                    `json:"counterpartyVersion"`
	Counterparty        channeltypes.Counterparty `json:"counterparty"`
	ConnectionHops      []string                  `json:"connectionHops"`
}

// Channel is the event channelOpenConfirm or channelCloseConfirm.
type Channel struct {
	Header
	PortID    string `json:"portID"`
	ChannelID string `json:"channelID"`
}

// PacketEvent is the event receivePacket or timeoutPacket.
type PacketEvent struct {
	Header
	ChannelVersion string         `json:"channelVersion"`
	Packet         Packet         `json:"packet"`
	Relayer        sdk.AccAddress `json:"relayer"`
}

// AcknowledgementPacket is the event acknowledgementPacket.
type AcknowledgementPacket struct {
	Header
	ChannelVersion  string         `json:"channelVersion"`
	Packet          Packet         `json:"packet"`
	Acknowledgement []byte         `json:"acknowledgement"`
	Relayer         sdk.AccAddress `json:"relayer"`
}

// OrderNames are the kernel's names of the orders of a channel.
var OrderNames = map[channeltypes.Order]string{
	channeltypes.NONE:      "NONE",
	channeltypes.UNORDERED: "UNORDERED",
	channeltypes.ORDERED:   "ORDERED",
}
