package keeper

import (
	"bytes"
	"encoding/json"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	transfertypes "github.com/cosmos/ibc-go/v11/modules/apps/transfer/types"
	clienttypes "github.com/cosmos/ibc-go/v11/modules/core/02-client/types"
	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"
	porttypes "github.com/cosmos/ibc-go/v11/modules/core/05-port/types"
	"github.com/cosmos/ibc-go/v11/modules/core/exported"

	vibctypes "github.com/agd-bridge/agd-bridge/go/x/vibc/types"
	"github.com/agd-bridge/agd-bridge/go/x/vtransfer/types"
)

// Middleware is above the modules of transfers. It replaces hooked addresses by
// their base addresses, and queues an event for the kernel when a transfer's
// base address is watched. Channels are the module's below.
type Middleware struct {
	porttypes.IBCModule
	keeper *Keeper
}

var _ porttypes.Middleware = (*Middleware)(nil)

// NewMiddleware returns the middleware of a keeper. The caller sets what is
// below and above it, for example with porttypes.NewIBCStackBuilder.
func NewMiddleware(keeper *Keeper) *Middleware {
	return &Middleware{keeper: keeper}
}

// SetUnderlyingApplication implements porttypes.Middleware.
func (m *Middleware) SetUnderlyingApplication(app porttypes.IBCModule) { m.IBCModule = app }

// SetICS4Wrapper implements porttypes.IBCModule.
func (m *Middleware) SetICS4Wrapper(wrapper porttypes.ICS4Wrapper) { m.keeper.below = wrapper }

// transferOf reads a packet's data, and returns them with a changed base address
// too. Without a hook the data are the same bytes. It reads the data as the
// module of transfers does: both must see the same address. The protobuf codec
// would also take ten times as long, for every transfer that nobody watches.
func transferOf(data []byte, address func(*transfertypes.FungibleTokenPacketData) *string) (base string, stripped []byte, err error) {
	var transfer transfertypes.FungibleTokenPacketData
	if err := json.Unmarshal(data, &transfer); err != nil {
		return "", nil, err
	}
	field := address(&transfer)
	base = types.BaseAddress(*field)
	if base == *field {
		return base, data, nil
	}
	*field = base
	return base, transfer.GetBytes(), nil
}

func sender(t *transfertypes.FungibleTokenPacketData) *string   { return &t.Sender }
func receiver(t *transfertypes.FungibleTokenPacketData) *string { return &t.Receiver }

// take returns and removes an entry, nil if there is none.
func take(ctx sdk.Context, from collections.Map[string, []byte], key string) ([]byte, error) {
	value, err := from.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return value, from.Remove(ctx, key)
}

// original returns a packet as the sender or the other chain wrote it, and
// forgets it.
func (k *Keeper) original(ctx sdk.Context, key string, packet channeltypes.Packet) (channeltypes.Packet, error) {
	data, err := take(ctx, k.originals, key)
	if data != nil {
		packet.Data = data
	}
	return packet, err
}

// SendPacket implements porttypes.ICS4Wrapper.
func (m *Middleware) SendPacket(ctx sdk.Context, port, channel string, timeoutHeight clienttypes.Height, timeoutTimestamp uint64, data []byte) (uint64, error) {
	k := m.keeper
	_, stripped, err := transferOf(data, sender)
	if err != nil {
		return 0, err
	}
	sequence, err := k.below.SendPacket(ctx, port, channel, timeoutHeight, timeoutTimestamp, stripped)
	if err != nil || bytes.Equal(stripped, data) {
		return sequence, err
	}
	return sequence, k.originals.Set(ctx, sentKey(port, channel, sequence), data)
}

// GetAppVersion implements porttypes.ICS4Wrapper.
func (m *Middleware) GetAppVersion(ctx sdk.Context, port, channel string) (string, bool) {
	return m.keeper.below.GetAppVersion(ctx, port, channel)
}

// OnRecvPacket implements porttypes.IBCModule. For a watched receiver the
// kernel writes the acknowledgement later.
func (m *Middleware) OnRecvPacket(ctx sdk.Context, version string, packet channeltypes.Packet, relayer sdk.AccAddress) exported.Acknowledgement {
	k := m.keeper
	target, stripped, err := transferOf(packet.Data, receiver)
	if err != nil {
		return channeltypes.NewErrorAcknowledgement(err)
	}
	watched, err := k.isWatched(ctx, target)
	if err != nil {
		return channeltypes.NewErrorAcknowledgement(err)
	}
	hooked := !bytes.Equal(stripped, packet.Data)
	if !watched && !hooked {
		return m.IBCModule.OnRecvPacket(ctx, version, packet, relayer)
	}
	below := packet
	below.Data = stripped
	if hooked {
		if err := k.originals.Set(ctx, receivedKey(packet), packet.Data); err != nil {
			return channeltypes.NewErrorAcknowledgement(err)
		}
	}
	// IBC keeps the changes of a packet without acknowledgement, so those of a
	// transfer that failed must be discarded here.
	branch, write := ctx.CacheContext()
	ack := m.IBCModule.OnRecvPacket(branch, version, below, relayer)
	if ack == nil || ack.Success() {
		write()
	}
	if ack == nil {
		return nil // WriteAcknowledgement follows
	}
	if _, ack, err = k.intercept(ctx, below, ack); err != nil {
		return channeltypes.NewErrorAcknowledgement(err)
	}
	return ack
}

// WriteAcknowledgement implements porttypes.ICS4Wrapper.
func (m *Middleware) WriteAcknowledgement(ctx sdk.Context, packet exported.PacketI, ack exported.Acknowledgement) error {
	whole, is := packet.(channeltypes.Packet)
	if !is {
		return channeltypes.ErrInvalidPacket
	}
	original, ack, err := m.keeper.intercept(ctx, whole, ack)
	if err != nil || ack == nil {
		return err
	}
	return m.keeper.below.WriteAcknowledgement(ctx, original, ack)
}

// intercept queues an event for the kernel if the receiver of a packet is
// watched. It then returns no acknowledgement: the kernel writes it.
func (k *Keeper) intercept(ctx sdk.Context, packet channeltypes.Packet, ack exported.Acknowledgement) (channeltypes.Packet, exported.Acknowledgement, error) {
	packet, err := k.original(ctx, receivedKey(packet), packet)
	if err != nil {
		return packet, nil, err
	}
	target, _, err := transferOf(packet.Data, receiver)
	if err != nil {
		return packet, ack, nil
	}
	if watched, err := k.isWatched(ctx, target); err != nil || !watched {
		return packet, ack, err
	}
	if err := k.acks.Set(ctx, receivedKey(packet), ack.Acknowledgement()); err != nil {
		return packet, nil, err
	}
	return packet, nil, k.actions.PushTxAction(ctx, types.WriteAcknowledgement{
		Header: types.NewHeader(ctx, "writeAcknowledgement", target),
		Packet: vibctypes.Packet{Packet: packet}, Acknowledgement: ack.Acknowledgement(),
	})
}

// OnAcknowledgementPacket implements porttypes.IBCModule.
func (m *Middleware) OnAcknowledgementPacket(ctx sdk.Context, version string, packet channeltypes.Packet, acknowledgement []byte, relayer sdk.AccAddress) error {
	return m.keeper.sent(ctx, packet,
		func() error {
			return m.IBCModule.OnAcknowledgementPacket(ctx, version, packet, acknowledgement, relayer)
		},
		func(target string, original channeltypes.Packet) any {
			return vibctypes.AcknowledgementPacket{
				Header: types.NewHeader(ctx, "acknowledgementPacket", target), ChannelVersion: version,
				Packet: vibctypes.Packet{Packet: original}, Acknowledgement: acknowledgement, Relayer: relayer,
			}
		})
}

// OnTimeoutPacket implements porttypes.IBCModule.
func (m *Middleware) OnTimeoutPacket(ctx sdk.Context, version string, packet channeltypes.Packet, relayer sdk.AccAddress) error {
	return m.keeper.sent(ctx, packet,
		func() error { return m.IBCModule.OnTimeoutPacket(ctx, version, packet, relayer) },
		func(target string, original channeltypes.Packet) any {
			return vibctypes.PacketEvent{
				Header: types.NewHeader(ctx, "timeoutPacket", target), ChannelVersion: version,
				Packet: vibctypes.Packet{Packet: original}, Relayer: relayer,
			}
		})
}

// sent ends a packet of this chain: it calls the module below, and queues an
// event for the kernel if the sender is watched.
func (k *Keeper) sent(ctx sdk.Context, packet channeltypes.Packet, below func() error, event func(target string, original channeltypes.Packet) any) error {
	target, _, err := transferOf(packet.Data, sender)
	if err != nil {
		return err
	}
	original, err := k.original(ctx, sentKey(packet.SourcePort, packet.SourceChannel, packet.Sequence), packet)
	if err != nil {
		return err
	}
	if err := below(); err != nil {
		return err
	}
	if watched, err := k.isWatched(ctx, target); err != nil || !watched {
		return err
	}
	return k.actions.PushTxAction(ctx, event(target, original))
}
