package app

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"
)

// openToTransfers opens a channel between a port of the kernel and the module
// of transfers, as a hostile chain may do: so any data reach the module.
func openToTransfers(t *testing.T, c *testChain) {
	t.Helper()
	require.Equal(t, []string{"true", "true"}, c.vibc(
		method("bindPort", `"packet":{"source_port":"port-1"}`),
		method("startChannelOpenInit", `"packet":{"source_port":"port-1","destination_port":"transfer"},"order":"UNORDERED","hops":["connection-localhost"],"version":"ics20-1"`),
	))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenTry("transfer", "ics20-1", channeltypes.UNORDERED, loop, "port-1", "channel-2", "ics20-1", loopProof, c.proofHeight(), testAddressText)))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenAck("port-1", "channel-2", "channel-3", "ics20-1", loopProof, c.proofHeight(), testAddressText)))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenConfirm("transfer", "channel-3", loopProof, c.proofHeight(), testAddressText)))
}

// sendAny sends data of any kind from the kernel and returns the packet.
func (c *testChain) sendAny(from, channel, data string) channeltypes.Packet {
	c.t.Helper()
	sent := c.vibc(method("sendPacket", fmt.Sprintf(`"packet":{"source_port":%q,"source_channel":%q,"data":%q},"relativeTimeoutNs":"60000000000"`,
		from, channel, base64.StdEncoding.EncodeToString([]byte(data)))))[0]
	packet := packetOf(c.t, sent)
	whole, found := c.IBC.ChannelKeeper.GetChannel(c.committed(), from, channel)
	require.True(c.t, found)
	packet.DestinationPort, packet.DestinationChannel = whole.Counterparty.PortId, whole.Counterparty.ChannelId
	return packet
}

// succeeded reports whether the acknowledgement of a packet is that of a
// transfer that has succeeded.
func (c *testChain) succeeded(packet channeltypes.Packet) bool {
	c.t.Helper()
	written, found := c.IBC.ChannelKeeper.GetPacketAcknowledgement(c.committed(), packet.DestinationPort, packet.DestinationChannel, packet.Sequence)
	require.True(c.t, found)
	return string(written) == string(channeltypes.CommitAcknowledgement([]byte(transferSuccess)))
}

func TestBadTransfersMoveNoCoins(t *testing.T) {
	c := newTestChain(t, nil)
	openTransfers(t, c)
	own := transferTo(t, c, testAddressText, aDay) // something is in escrow
	require.NoError(t, c.receive(own))
	openToTransfers(t, c)
	require.Equal(t, []string{"true"}, c.answers("vtransfer.Send", fmt.Sprintf(`{"type":"BRIDGE_TARGET_REGISTER","target":%q}`, testAddressText)))
	c.events()
	before := c.Bank.GetAllBalances(c.committed(), testAddress)
	supply := c.Bank.GetSupply(c.committed(), FeeDenom)
	large := strings.Repeat("x", channeltypes.MaximumPayloadsSize-200)
	coins := func(denom, amount, receiver, memo string) string {
		return fmt.Sprintf(`{"denom":%q,"amount":%q,"sender":"s","receiver":%q,"memo":%q}`, denom, amount, receiver, memo)
	}
	for _, data := range []string{
		`{"denom"`, `null`, `{}`, `[]`, `""`, "\x00", "\xff\xfe", large,
		coins("uist", "-1", testAddressText, ""),
		coins("uist", "0", testAddressText, ""),
		coins("uist", "1e3", testAddressText, ""),
		coins("uist", strings.Repeat("9", 100), testAddressText, ""),
		coins("", "1", testAddressText, ""),
		coins("uist", "1", "nobody", ""),
		coins("uist", "1", large, ""),
		coins("uist", "1", testAddressText, large),
		// Coins that are in the escrow of another channel.
		coins("port-1/channel-2/uist", "1", testAddressText, ""),
		coins("port-1/channel-2/transfer/channel-0/uist", "1", testAddressText, ""),
	} {
		name := data[:min(len(data), 80)]
		packet := c.sendAny("port-1", "channel-2", data)
		if !assert.NoError(t, c.receive(packet), name) {
			continue
		}
		for _, event := range c.events() { // the kernel agrees to all
			if strings.Contains(event, "writeAcknowledgement") {
				c.answers("vtransfer.Send", ackMessage(t, packet, transferSuccess))
			}
		}
		assert.False(t, c.succeeded(packet), name)
		assert.Equal(t, before, c.Bank.GetAllBalances(c.committed(), testAddress), name)
	}
	// The name of another channel's coins makes a voucher of this channel.
	named := c.sendAny("port-1", "channel-2", coins("transfer/channel-0/uist", "1", testAddressText, ""))
	require.NoError(t, c.receive(named))
	require.Equal(t, "5uist", c.escrow())
	require.Equal(t, before.AmountOf(FeeDenom), c.Bank.GetBalance(c.committed(), testAddress, FeeDenom).Amount)
	require.Equal(t, supply, c.Bank.GetSupply(c.committed(), FeeDenom))
	requireProofs(t, c, c.block())
}

func TestTheKernelSeesTheReceiverThatATransferPays(t *testing.T) {
	c := newTestChain(t, nil)
	openTransfers(t, c)
	openToTransfers(t, c)
	watched := localAccount(t, c)
	require.Equal(t, []string{"true"}, c.answers("vtransfer.Send", fmt.Sprintf(`{"type":"BRIDGE_TARGET_REGISTER","target":%q}`, watched)))
	c.events()
	// The module of transfers takes the last of two names that differ in case.
	packet := c.sendAny("port-1", "channel-2", fmt.Sprintf(`{"denom":"uist","amount":"1","sender":"s","receiver":%q,"Receiver":%q}`, testAddressText, watched))
	require.NoError(t, c.receive(packet))
	seen := strings.Join(c.events(), "\n")
	require.Contains(t, seen, `"writeAcknowledgement","target":"`+watched+`"`)
	address, err := c.encoding.Address.StringToBytes(watched)
	require.NoError(t, err)
	require.Len(t, c.Bank.GetAllBalances(c.committed(), address), 1)
	require.Equal(t, []string{"true"}, c.answers("vtransfer.Send", ackMessage(t, packet, transferSuccess)))
	require.True(t, c.succeeded(packet))
}

func TestPacketsOfNoChannelAreRefused(t *testing.T) {
	c := newTestChain(t, nil)
	openTransfers(t, c)
	sent := transferTo(t, c, testAddressText, aDay)
	for name, edit := range map[string]func(*channeltypes.Packet){
		"unknown port":             func(p *channeltypes.Packet) { p.DestinationPort = "nowhere" },
		"unknown channel":          func(p *channeltypes.Packet) { p.DestinationChannel = "channel-77" },
		"no channel":               func(p *channeltypes.Packet) { p.DestinationChannel = "../0" },
		"unknown source":           func(p *channeltypes.Packet) { p.SourceChannel = "channel-77" },
		"a packet not sent":        func(p *channeltypes.Packet) { p.Sequence = 77 },
		"other data":               func(p *channeltypes.Packet) { p.Data = []byte(strings.Replace(string(p.Data), `"5"`, `"6"`, 1)) },
		"a timeout that is past":   func(p *channeltypes.Packet) { p.TimeoutTimestamp = 1 },
		"1 MiB that were not sent": func(p *channeltypes.Packet) { p.Data = make([]byte, 1<<20) },
	} {
		packet := sent
		edit(&packet)
		assert.Error(t, c.receive(packet), name)
		// IBC takes packets that are not pending for replays, which do nothing.
		_ = c.settle(packet, transferSuccess)
		_ = c.deliver(channeltypes.NewMsgTimeout(packet, 1, loopProof, c.proofHeight(), testAddressText))
		assert.Equal(t, "5uist", c.escrow(), name)
	}
	require.NoError(t, c.receive(sent))
	require.NoError(t, c.receive(sent), "a replay does nothing")
	require.Equal(t, "5", c.vouchers(testAddressText))
	require.Error(t, c.settle(sent, `{"error":"no"}`), "another acknowledgement than the one written")
	require.NoError(t, c.settle(sent, transferSuccess))
	require.NoError(t, c.settle(sent, transferSuccess), "a replay does nothing")
	require.Equal(t, "5uist", c.escrow())
	require.Empty(t, c.events())
}

func TestPacketsOutOfOrderAreRefused(t *testing.T) {
	c := newTestChain(t, nil)
	require.Equal(t, []string{"true", "true", "true"}, c.vibc(
		method("bindPort", `"packet":{"source_port":"port-1"}`),
		method("bindPort", `"packet":{"source_port":"echo"}`),
		method("startChannelOpenInit", `"packet":{"source_port":"port-1","destination_port":"echo"},"order":"ORDERED","hops":["connection-localhost"],"version":"words-1"`),
	))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenTry("echo", "words-1", channeltypes.ORDERED, loop, "port-1", "channel-0", "words-1", loopProof, c.proofHeight(), testAddressText)))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenAck("port-1", "channel-0", "channel-1", "words-1", loopProof, c.proofHeight(), testAddressText)))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenConfirm("echo", "channel-1", loopProof, c.proofHeight(), testAddressText)))
	first, second := c.sendAny("port-1", "channel-0", "1"), c.sendAny("port-1", "channel-0", "2")
	c.events()
	require.ErrorIs(t, c.receive(second), channeltypes.ErrPacketSequenceOutOfOrder)
	require.Empty(t, c.events())
	require.NoError(t, c.receive(first))
	require.NoError(t, c.receive(second))
	require.Len(t, c.events(), 2)

	// The kernel may acknowledge in any order; the sender gets them in order.
	acknowledging := func(packet channeltypes.Packet) string { return ackMessage(t, packet, "done") }
	require.Equal(t, []string{"true", "true"}, c.vibc(acknowledging(second), acknowledging(first)))
	require.ErrorIs(t, c.settle(second, "done"), channeltypes.ErrPacketSequenceOutOfOrder)
	require.NoError(t, c.settle(first, "done"))
	require.NoError(t, c.settle(second, "done"))
	require.Len(t, c.events(), 2)
}

func TestTheLargestPacketReachesTheKernel(t *testing.T) {
	c := newTestChain(t, nil)
	openLoop(t, c)
	packet := c.sendAny("port-1", "channel-0", strings.Repeat("x", channeltypes.MaximumPayloadsSize))
	require.NoError(t, c.receive(packet))
	events := c.events()
	require.Len(t, events, 1)
	require.Contains(t, events[0], base64.StdEncoding.EncodeToString(packet.Data))

	packet.Data = make([]byte, 1<<20)
	require.ErrorContains(t, channeltypes.NewMsgRecvPacket(packet, loopProof, c.proofHeight(), testAddressText).ValidateBasic(), "packet data bytes cannot exceed 262144 bytes")
	require.Equal(t, []string{"sendPacket: IBC refused it: codespace channel, code 13"}, c.vibc(method("sendPacket", fmt.Sprintf(
		`"packet":{"source_port":"port-1","source_channel":"channel-0","data":%q},"relativeTimeoutNs":"60000000000"`, base64.StdEncoding.EncodeToString(packet.Data)))))
}
