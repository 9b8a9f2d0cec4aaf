package app

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	packetforward "github.com/cosmos/ibc-go/v11/modules/apps/packet-forward-middleware"
	packetforwardtypes "github.com/cosmos/ibc-go/v11/modules/apps/packet-forward-middleware/types"
	transfertypes "github.com/cosmos/ibc-go/v11/modules/apps/transfer/types"
	clienttypes "github.com/cosmos/ibc-go/v11/modules/core/02-client/types"
	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"
)

// sentPacket returns the packet that the last message sent.
func (c *testChain) sentPacket() channeltypes.Packet {
	c.t.Helper()
	for _, event := range c.emitted {
		if event.Type != channeltypes.EventTypeSendPacket {
			continue
		}
		value := func(key string) string {
			attribute, found := event.GetAttribute(key)
			require.True(c.t, found, key)
			return attribute.Value
		}
		number := func(key string) uint64 {
			parsed, err := strconv.ParseUint(value(key), 10, 64)
			require.NoError(c.t, err)
			return parsed
		}
		data, err := hex.DecodeString(value(channeltypes.AttributeKeyDataHex))
		require.NoError(c.t, err)
		return channeltypes.NewPacket(data, number(channeltypes.AttributeKeySequence),
			value(channeltypes.AttributeKeySrcPort), value(channeltypes.AttributeKeySrcChannel),
			value(channeltypes.AttributeKeyDstPort), value(channeltypes.AttributeKeyDstChannel),
			clienttypes.ZeroHeight(), number(channeltypes.AttributeKeyTimeoutTimestamp))
	}
	require.Fail(c.t, "no packet was sent")
	return channeltypes.Packet{}
}

// transferWith starts a transfer of 5 uist with a memo and returns its packet.
func transferWith(t *testing.T, c *testChain, receiver, memo string) channeltypes.Packet {
	t.Helper()
	require.NoError(t, c.deliver(transfertypes.NewMsgTransfer("transfer", "channel-0", sdk.NewInt64Coin(FeeDenom, 5), testAddressText, receiver, clienttypes.ZeroHeight(), aDay, memo)))
	return c.sentPacket()
}

// forwarding is the memo of a packet that returns over the channel that it came
// by.
func forwarding(receiver string) string {
	return `{"forward":{"receiver":"` + receiver + `","port":"transfer","channel":"channel-1"}}`
}

func TestAPacketIsForwardedAndItsOutcomeReturned(t *testing.T) {
	c := newTestChain(t, nil)
	openTransfers(t, c)
	receiver := localAccount(t, c)
	balance := func() string {
		address, err := c.encoding.Address.StringToBytes(receiver)
		require.NoError(t, err)
		return c.Bank.GetAllBalances(c.committed(), address).String()
	}
	between, err := packetforward.GetReceiver(c.encoding.Address, "channel-1", testAddressText)
	require.NoError(t, err)

	first := transferWith(t, c, "pfm", forwarding(receiver))
	require.NoError(t, c.receive(first))
	require.False(t, c.acknowledged(first), "not before the last hop")
	second := c.sentPacket()
	var data transfertypes.FungibleTokenPacketData
	require.NoError(t, json.Unmarshal(second.Data, &data))
	require.Equal(t, transfertypes.FungibleTokenPacketData{Denom: "transfer/channel-1/uist", Amount: "5", Sender: between, Receiver: receiver}, data)
	require.NoError(t, c.receive(second))
	require.Equal(t, "5uist", balance())
	require.NoError(t, c.settle(second, transferSuccess))
	require.True(t, c.acknowledged(first))
	require.NoError(t, c.settle(first, transferSuccess))
	require.Equal(t, "0uist", c.escrow())

	// The last hop fails: the coins return to the sender.
	before := c.Bank.GetBalance(c.committed(), testAddress, FeeDenom)
	first = transferWith(t, c, "pfm", forwarding("nobody"))
	require.NoError(t, c.receive(first))
	second = c.sentPacket()
	require.NoError(t, c.receive(second))
	const failure = `{"error":"ABCI code: 5: error handling packet: see events for details"}`
	require.NoError(t, c.settle(second, failure))
	require.NoError(t, c.settle(first, failure))
	require.Equal(t, before, c.Bank.GetBalance(c.committed(), testAddress, FeeDenom))
	require.Equal(t, "0uist", c.escrow())
	require.Equal(t, "0", c.vouchers(between))
	requireProofs(t, c, c.block())
}

func TestTheKernelAcknowledgesAForwardedPacketToAWatchedAddress(t *testing.T) {
	c := newTestChain(t, nil)
	openTransfers(t, c)
	watched := localAccount(t, c)
	require.Equal(t, []string{"true"}, c.answers("vtransfer.Send", `{"type":"BRIDGE_TARGET_REGISTER","target":"`+watched+`"}`))
	first := transferWith(t, c, watched, forwarding(testAddressText))
	require.NoError(t, c.receive(first))
	second := c.sentPacket()
	require.NoError(t, c.receive(second))
	require.Empty(t, c.events())
	require.NoError(t, c.settle(second, transferSuccess))
	require.False(t, c.acknowledged(first), "the kernel acknowledges it")
	require.Len(t, c.events(), 1)
	require.Equal(t, []string{"true"}, c.answers("vtransfer.Send", ackMessage(t, first, `{"error":"thrown"}`)))
	require.NoError(t, c.settle(first, transferSuccess), "the coins are at the receiver")
	require.Equal(t, "0uist", c.escrow())
}

func TestBadMemosForwardNothing(t *testing.T) {
	c := newTestChain(t, nil)
	openTransfers(t, c)
	before := c.Bank.GetAllBalances(c.committed(), testAddress)
	for _, memo := range []string{
		`{"forward":{}}`,
		`{"forward":{"receiver":7}}`,
		`{"forward":{"receiver":"","port":"transfer","channel":"channel-1"}}`,
		`{"forward":{"receiver":"x","port":"a/b","channel":"channel-1"}}`,
		`{"forward":{"receiver":"x","port":"transfer","channel":"channel-9"}}`,
		`{"forward":{"receiver":"x","port":"transfer","channel":"channel-1","retries":256}}`,
		`{"forward":{"receiver":"x","port":"transfer","channel":"channel-1","timeout":"soon"}}`,
		`{"forward":{"receiver":"x","port":"transfer","channel":"channel-1","next":7}}`,
		`{"forward":{"receiver":"x","port":"transfer","channel":"channel-1","next":"{"}}`,
	} {
		packet := transferWith(t, c, testAddressText, memo)
		require.NoError(t, c.receive(packet), memo)
		require.True(t, c.acknowledged(packet), memo)
		var err error
		for code := 1; code <= 20; code++ {
			failure := `{"error":"ABCI code: ` + strconv.Itoa(code) + `: error handling packet: see events for details"}`
			if err = c.settle(packet, failure); err == nil {
				break
			}
		}
		assert.NoError(t, err, memo)
		assert.Equal(t, before, c.Bank.GetAllBalances(c.committed(), testAddress), memo)
	}
	require.Equal(t, "0uist", c.escrow())
	// What is no request to forward is an ordinary memo.
	for _, memo := range []string{`{"forward":7}`, `{"forward"`, "forward", `{"wasm":{}}`} {
		packet := transferWith(t, c, testAddressText, memo)
		require.NoError(t, c.receive(packet), memo)
		require.NoError(t, c.settle(packet, transferSuccess), memo)
	}
	require.Equal(t, "20uist", c.escrow())
}

func TestAForwardedPacketContinuesAfterAnExport(t *testing.T) {
	c := newTestChain(t, nil)
	openTransfers(t, c)
	first := transferWith(t, c, "pfm", forwarding(testAddressText))
	require.NoError(t, c.receive(first))
	second := c.sentPacket()
	c.block()
	exported, err := c.Export(false, nil)
	require.NoError(t, err)
	genesis, err := modulesOf(exported.AppState)
	require.NoError(t, err)
	require.Contains(t, string(genesis[packetforwardtypes.ModuleName]), "channel-1/transfer/1")
	other := newTestChain(t, func(_ *App, modules map[string]json.RawMessage) {
		for name := range modules {
			modules[name] = genesis[name]
		}
	})
	require.NoError(t, other.receive(second))
	require.NoError(t, other.settle(second, transferSuccess))
	require.True(t, other.acknowledged(first))
	require.Equal(t, "0uist", other.escrow())
}
