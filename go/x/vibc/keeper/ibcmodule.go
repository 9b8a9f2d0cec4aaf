package keeper

import (
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"
	porttypes "github.com/cosmos/ibc-go/v11/modules/core/05-port/types"
	"github.com/cosmos/ibc-go/v11/modules/core/exported"

	"github.com/agd-bridge/agd-bridge/go/x/vibc/types"
)

// IBCModule is what IBC calls for the kernel's ports. It queues an event for
// the kernel, which answers later by messages (Keeper.Downcalls). If the event
// cannot be queued, the callback fails, and with it the relayer's message.
type IBCModule struct{ keeper *Keeper }

var _ porttypes.IBCModule = (*IBCModule)(nil)

// NewIBCModule returns the module of a keeper.
func NewIBCModule(keeper *Keeper) *IBCModule { return &IBCModule{keeper} }

// requireBound refuses a port that the kernel has not bound.
func (k *Keeper) requireBound(ctx sdk.Context, portID string) error {
	bound, err := k.ports.Has(ctx, portID)
	if err == nil && !bound {
		err = errorsmod.Wrapf(porttypes.ErrInvalidPort, "the kernel has not bound the port %q", portID)
	}
	return err
}

// OnChanOpenInit implements porttypes.IBCModule.
func (im *IBCModule) OnChanOpenInit(ctx sdk.Context, order channeltypes.Order, hops []string, portID, channelID string,
	counterparty channeltypes.Counterparty, version string,
) (string, error) {
	return im.open(ctx, "channelOpenInit", order, hops, portID, channelID, counterparty, version)
}

// OnChanOpenTry implements porttypes.IBCModule.
func (im *IBCModule) OnChanOpenTry(ctx sdk.Context, order channeltypes.Order, hops []string, portID, channelID string,
	counterparty channeltypes.Counterparty, version string,
) (string, error) {
	return im.open(ctx, "channelOpenTry", order, hops, portID, channelID, counterparty, version)
}

// open accepts the proposed version. The kernel closes a channel whose version
// it does not support.
func (im *IBCModule) open(ctx sdk.Context, event string, order channeltypes.Order, hops []string, portID, channelID string,
	counterparty channeltypes.Counterparty, version string,
) (string, error) {
	if err := im.keeper.requireBound(ctx, portID); err != nil {
		return "", err
	}
	return version, im.keeper.actions.PushTxAction(ctx, types.ChannelOpen{
		Header:         types.NewHeader(ctx, event),
		Order:          types.OrderNames[order],
		ConnectionHops: hops,
		PortID:         portID,
		ChannelID:      channelID,
		Counterparty:   counterparty,
		Version:        version,
	})
}

// OnChanOpenAck implements porttypes.IBCModule.
func (im *IBCModule) OnChanOpenAck(ctx sdk.Context, portID, channelID, counterpartyChannelID, counterpartyVersion string) error {
	channel, _ := im.keeper.channels.GetChannel(ctx, portID, channelID)
	channel.Counterparty.ChannelId = counterpartyChannelID
	return im.keeper.actions.PushTxAction(ctx, types.ChannelOpenAck{
		Header:              types.NewHeader(ctx, "channelOpenAck"),
		PortID:              portID,
		ChannelID:           channelID,
		CounterpartyVersion: counterpartyVersion,
		Counterparty:        channel.Counterparty,
		ConnectionHops:      channel.ConnectionHops,
	})
}

// OnChanOpenConfirm implements porttypes.IBCModule.
func (im *IBCModule) OnChanOpenConfirm(ctx sdk.Context, portID, channelID string) error {
	return im.keeper.actions.PushTxAction(ctx, types.Channel{
		Header: types.NewHeader(ctx, "channelOpenConfirm"), PortID: portID, ChannelID: channelID,
	})
}

// OnChanCloseInit implements porttypes.IBCModule. Only the kernel closes its
// channels (startChannelCloseInit).
func (*IBCModule) OnChanCloseInit(sdk.Context, string, string) error {
	return errorsmod.Wrap(channeltypes.ErrInvalidChannel, "only the kernel can close its channels")
}

// OnChanCloseConfirm implements porttypes.IBCModule.
func (im *IBCModule) OnChanCloseConfirm(ctx sdk.Context, portID, channelID string) error {
	return im.keeper.actions.PushTxAction(ctx, types.Channel{
		Header: types.NewHeader(ctx, "channelCloseConfirm"), PortID: portID, ChannelID: channelID,
	})
}

// OnRecvPacket implements porttypes.IBCModule. The kernel acknowledges the
// packet later (receiveExecuted).
func (im *IBCModule) OnRecvPacket(ctx sdk.Context, version string, packet channeltypes.Packet, relayer sdk.AccAddress) exported.Acknowledgement {
	err := im.keeper.actions.PushTxAction(ctx, types.PacketEvent{
		Header: types.NewHeader(ctx, "receivePacket"), ChannelVersion: version,
		Packet: types.Packet{Packet: packet}, Relayer: relayer,
	})
	if err != nil {
		return channeltypes.NewErrorAcknowledgement(err)
	}
	return nil
}

// OnAcknowledgementPacket implements porttypes.IBCModule.
func (im *IBCModule) OnAcknowledgementPacket(ctx sdk.Context, version string, packet channeltypes.Packet, acknowledgement []byte, relayer sdk.AccAddress) error {
	return im.keeper.actions.PushTxAction(ctx, types.AcknowledgementPacket{
		Header: types.NewHeader(ctx, "acknowledgementPacket"), ChannelVersion: version,
		Packet: types.Packet{Packet: packet}, Acknowledgement: acknowledgement, Relayer: relayer,
	})
}

// OnTimeoutPacket implements porttypes.IBCModule.
func (im *IBCModule) OnTimeoutPacket(ctx sdk.Context, version string, packet channeltypes.Packet, relayer sdk.AccAddress) error {
	return im.keeper.actions.PushTxAction(ctx, types.PacketEvent{
		Header: types.NewHeader(ctx, "timeoutPacket"), ChannelVersion: version,
		Packet: types.Packet{Packet: packet}, Relayer: relayer,
	})
}

// SetICS4Wrapper implements porttypes.IBCModule. No middleware is above the
// kernel's ports.
func (*IBCModule) SetICS4Wrapper(porttypes.ICS4Wrapper) {}
