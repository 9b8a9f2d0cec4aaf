package types

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	clienttypes "github.com/cosmos/ibc-go/v11/modules/core/02-client/types"
	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"
	porttypes "github.com/cosmos/ibc-go/v11/modules/core/05-port/types"
	"github.com/cosmos/ibc-go/v11/modules/core/exported"
)

// ChannelKeeper is the part of IBC's channels that the module uses.
type ChannelKeeper interface {
	GetChannel(ctx sdk.Context, portID, channelID string) (channeltypes.Channel, bool)
	GetPacketReceipt(ctx sdk.Context, portID, channelID string, sequence uint64) (string, bool)
	GetNextSequenceRecv(ctx sdk.Context, portID, channelID string) (uint64, bool)
	GetPacketCommitment(ctx sdk.Context, portID, channelID string, sequence uint64) []byte
	ChanOpenInit(ctx sdk.Context, order channeltypes.Order, hops []string, portID string,
		counterparty channeltypes.Counterparty, version string) (string, error)
	WriteOpenInitChannel(ctx sdk.Context, portID, channelID string, order channeltypes.Order, hops []string,
		counterparty channeltypes.Counterparty, version string)
	ChanCloseInit(ctx sdk.Context, portID, channelID string) error
	SendPacket(ctx sdk.Context, portID, channelID string, timeoutHeight clienttypes.Height,
		timeoutTimestamp uint64, data []byte) (uint64, error)
	WriteAcknowledgement(ctx sdk.Context, packet exported.PacketI, acknowledgement exported.Acknowledgement) error
}

// Router finds the module that IBC calls for a port.
type Router interface {
	Route(portID string) (porttypes.IBCModule, bool)
}

// Actions is the kernel's queue.
type Actions interface {
	// PushTxAction queues an action of the message that ctx handles.
	PushTxAction(ctx sdk.Context, action any) error
}
