package app

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	transfertypes "github.com/cosmos/ibc-go/v11/modules/apps/transfer/types"
	clienttypes "github.com/cosmos/ibc-go/v11/modules/core/02-client/types"
	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"

	vibctypes "github.com/agd-bridge/agd-bridge/go/x/vibc/types"
	vtransfertypes "github.com/agd-bridge/agd-bridge/go/x/vtransfer/types"
)

const transferSuccess = `{"result":"AQ=="}`

// openTransfers opens a channel of the module of transfers with itself.
func openTransfers(t testing.TB, c *testChain) {
	t.Helper()
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenInit("transfer", "ics20-1", channeltypes.UNORDERED, loop, "transfer", testAddressText)))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenTry("transfer", "ics20-1", channeltypes.UNORDERED, loop, "transfer", "channel-0", "ics20-1", loopProof, c.proofHeight(), testAddressText)))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenAck("transfer", "channel-0", "channel-1", "ics20-1", loopProof, c.proofHeight(), testAddressText)))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenConfirm("transfer", "channel-1", loopProof, c.proofHeight(), testAddressText)))
}

// transferTo starts a transfer of 5 uist and returns its packet.
func transferTo(t testing.TB, c *testChain, receiver string, timeout uint64) channeltypes.Packet {
	t.Helper()
	sequence, found := c.IBC.ChannelKeeper.GetNextSequenceSend(c.NewContext(true), "transfer", "channel-0")
	require.True(t, found)
	require.NoError(t, c.deliver(transfertypes.NewMsgTransfer("transfer", "channel-0", sdk.NewInt64Coin(FeeDenom, 5), testAddressText, receiver, clienttypes.ZeroHeight(), timeout, "")))
	data := transfertypes.NewFungibleTokenPacketData(FeeDenom, "5", testAddressText, receiver, "").GetBytes()
	return channeltypes.NewPacket(data, sequence, "transfer", "channel-0", "transfer", "channel-1", clienttypes.ZeroHeight(), timeout)
}

func (c *testChain) receive(packet channeltypes.Packet) error {
	return c.deliver(channeltypes.NewMsgRecvPacket(packet, loopProof, c.proofHeight(), testAddressText))
}

func (c *testChain) acknowledged(packet channeltypes.Packet) bool {
	return c.IBC.ChannelKeeper.HasPacketAcknowledgement(c.committed(), packet.DestinationPort, packet.DestinationChannel, packet.Sequence)
}

func (c *testChain) settle(packet channeltypes.Packet, ack string) error {
	return c.deliver(channeltypes.NewMsgAcknowledgement(packet, []byte(ack), loopProof, c.proofHeight(), testAddressText))
}

func packetJSON(t *testing.T, packet channeltypes.Packet) string {
	t.Helper()
	text, err := json.Marshal(vibctypes.Packet{Packet: packet})
	require.NoError(t, err)
	return string(text)
}

func ackMessage(t *testing.T, packet channeltypes.Packet, ack string) string {
	t.Helper()
	return method("receiveExecuted", fmt.Sprintf(`"packet":%s,"ack":%q`, packetJSON(t, packet), base64.StdEncoding.EncodeToString([]byte(ack))))
}

func (c *testChain) escrow() string {
	return c.Transfer.GetTotalEscrowForDenom(c.committed(), FeeDenom).String()
}

func (c *testChain) vouchers(account string) string {
	address, err := c.encoding.Address.StringToBytes(account)
	require.NoError(c.t, err)
	denom := transfertypes.NewDenom(FeeDenom, transfertypes.NewHop("transfer", "channel-1")).IBCDenom()
	return c.Bank.GetBalance(c.committed(), address, denom).Amount.String()
}

const aDay = 86400_000_000_000_000

func TestTheKernelAcknowledgesTransfersToWatchedAddresses(t *testing.T) {
	c := newTestChain(t, nil)
	openTransfers(t, c)
	watched := localAccount(t, c)
	hooked, err := vtransfertypes.HookedAddress(watched, []byte("order=7"))
	require.NoError(t, err)

	unwatched := transferTo(t, c, hooked, aDay)
	require.NoError(t, c.receive(unwatched))
	require.True(t, c.acknowledged(unwatched), "the address is not watched")
	require.Equal(t, "5", c.vouchers(watched), "the coins are the base address'")
	require.Empty(t, c.events())

	register := fmt.Sprintf(`{"type":"BRIDGE_TARGET_REGISTER","target":%q}`, watched)
	require.Equal(t, []string{"true"}, c.answers("vtransfer.Send", register))
	packet := transferTo(t, c, hooked, aDay)
	require.NoError(t, c.receive(packet))
	require.False(t, c.acknowledged(packet))
	require.Equal(t, "10", c.vouchers(watched))
	require.Equal(t, []string{`"writeAcknowledgement","target":"` + watched + `","packet":` + packetJSON(t, packet) + `,"acknowledgement":"` + base64.StdEncoding.EncodeToString([]byte(transferSuccess)) + `","relayer":""}`}, c.events())
	const own = `{"result":"b3du"}`
	require.Equal(t, []string{"true", fmt.Sprintf("receiveExecuted: the packet %d awaits no acknowledgement", packet.Sequence)},
		c.answers("vtransfer.Send", ackMessage(t, packet, own), ackMessage(t, packet, own)))
	require.NoError(t, c.settle(packet, own))
	require.Equal(t, "10uist", c.escrow())

	// The sender is watched, too: the kernel learns how its transfers end.
	require.Equal(t, []string{"true"}, c.answers("vtransfer.Send", fmt.Sprintf(`{"type":"BRIDGE_TARGET_REGISTER","target":%q}`, testAddressText)))
	sent := transferTo(t, c, "nobody", aDay)
	require.NoError(t, c.receive(sent))
	const failure = `{"error":"ABCI code: 5: error handling packet: see events for details"}`
	require.NoError(t, c.settle(sent, failure))
	require.Equal(t, []string{`"acknowledgementPacket","target":"` + testAddressText + `","channelVersion":"ics20-1","packet":` + packetJSON(t, sent) + `,"acknowledgement":"` + base64.StdEncoding.EncodeToString([]byte(failure)) + `","relayer":"` + testAddressText + `"}`}, c.events())
	require.Equal(t, "10uist", c.escrow(), "the coins came back")
	late := transferTo(t, c, watched, uint64(c.LastBlockHeight()+1002)*1_000_000_000)
	c.block()
	require.Equal(t, "15uist", c.escrow())
	c.block()
	require.NoError(t, c.deliver(channeltypes.NewMsgTimeout(late, 1, loopProof, c.proofHeight(), testAddressText)))
	require.Equal(t, []string{`"timeoutPacket","target":"` + testAddressText + `","channelVersion":"ics20-1","packet":` + packetJSON(t, late) + `,"relayer":"` + testAddressText + `"}`}, c.events())
	require.Equal(t, "10uist", c.escrow())

	require.Equal(t, []string{"true"}, c.answers("vtransfer.Send", fmt.Sprintf(`{"type":"BRIDGE_TARGET_UNREGISTER","target":%q}`, watched)))
	last := transferTo(t, c, watched, aDay)
	require.NoError(t, c.receive(last))
	require.True(t, c.acknowledged(last))
	requireProofs(t, c, c.block())
}

func TestTheKernelCannotContradictATransfer(t *testing.T) {
	c := newTestChain(t, nil)
	openTransfers(t, c)
	watched := localAccount(t, c)
	require.Equal(t, []string{"true", "true"}, c.answers("vtransfer.Send",
		fmt.Sprintf(`{"type":"BRIDGE_TARGET_REGISTER","target":%q}`, watched),
		`{"type":"BRIDGE_TARGET_REGISTER","target":"nobody"}`))

	// A vat that throws: the coins are here, so the other chain must not return
	// them.
	packet := transferTo(t, c, watched, aDay)
	require.NoError(t, c.receive(packet))
	require.Equal(t, []string{"true"}, c.answers("vtransfer.Send", ackMessage(t, packet, `{"error":"thrown"}`)))
	require.NoError(t, c.settle(packet, transferSuccess), "the transfer's own acknowledgement")
	require.Equal(t, "5uist", c.escrow())
	require.Equal(t, "5", c.vouchers(watched))

	// A receiver that the chain refuses: the coins go back.
	packet = transferTo(t, c, "nobody", aDay)
	require.NoError(t, c.receive(packet))
	require.False(t, c.acknowledged(packet))
	require.Equal(t, []string{"true"}, c.answers("vtransfer.Send", ackMessage(t, packet, transferSuccess)))
	require.True(t, c.acknowledged(packet))
	require.Error(t, c.settle(packet, transferSuccess))
	require.NoError(t, c.settle(packet, `{"error":"ABCI code: 5: error handling packet: see events for details"}`))
	require.Equal(t, "5uist", c.escrow())
}

func TestBadMessagesOfTransfersAreRefused(t *testing.T) {
	c := newTestChain(t, nil)
	openTransfers(t, c)
	packet := transferTo(t, c, testAddressText, aDay)
	for _, test := range [][2]string{
		{`[]`, "vtransfer: malformed message"},
		{`null`, `vtransfer: unknown action type: ""`},
		{`{"type":"BRIDGE_TARGET_REGISTER"}`, "vtransfer: expected a target"},
		{`{"type":"BRIDGE_TARGET_UNREGISTER"}`, "vtransfer: expected a target"},
		{`{"type":"BRIDGE_TARGET_REGISTER","target":"` + strings.Repeat("x", 200_000) + `"}`, "vtransfer: the target has 200000 bytes, of at most 2048 (MaxTargetBytes)"},
		{`{"type":"BRIDGE_TARGET_UNREGISTER","target":"` + strings.Repeat("x", 200_000) + `"}`, "vtransfer: the target has 200000 bytes, of at most 2048 (MaxTargetBytes)"},
		{`{"type":"BRIDGE_TARGET_FLY","target":"x"}`, `vtransfer: unknown action type: "BRIDGE_TARGET_FLY"`},
		{method("sendPacket", `"packet":`+packetJSON(t, packet)), `vtransfer: unrecognized method "sendPacket"`},
		{ackMessage(t, packet, transferSuccess), "receiveExecuted: the packet 1 awaits no acknowledgement"},
	} {
		assert.Equal(t, []string{test[1]}, c.answers("vtransfer.Send", test[0]), test[0])
	}
	broken := packet
	broken.Data = []byte(`{"denom"`)
	require.Error(t, c.receive(broken), "no such packet was sent")

	// In flight across an export.
	require.Equal(t, []string{"true"}, c.answers("vtransfer.Send", fmt.Sprintf(`{"type":"BRIDGE_TARGET_REGISTER","target":%q}`, testAddressText)))
	require.NoError(t, c.receive(packet))
	exported, err := c.Export(false, []string{vtransfertypes.ModuleName})
	require.NoError(t, err)
	genesis, err := modulesOf(exported.AppState)
	require.NoError(t, err)
	require.JSONEq(t, fmt.Sprintf(`{"watched_addresses":[%q],"original_data":[],"acknowledgements":[{"key":"dst/ports/transfer/channels/channel-1/sequences/1","value":%q}]}`,
		testAddressText, base64.StdEncoding.EncodeToString([]byte(transferSuccess))), string(genesis[vtransfertypes.ModuleName]))
	other := newTestChain(t, func(_ *App, modules map[string]json.RawMessage) {
		modules[vtransfertypes.ModuleName] = genesis[vtransfertypes.ModuleName]
	})
	again, err := other.VTransfer.ExportGenesis(other.NewContext(true))
	require.NoError(t, err)
	require.Equal(t, []string{testAddressText}, again.WatchedAddresses)
	require.Len(t, again.Acknowledgements, 1)
}

func TestHookedAddresses(t *testing.T) {
	for _, data := range []string{"", "a", "?order=7"} {
		hooked, err := vtransfertypes.HookedAddress(testAddressText, []byte(data))
		require.NoError(t, err)
		require.NotEqual(t, testAddressText, hooked)
		require.Equal(t, testAddressText, vtransfertypes.BaseAddress(hooked))
	}
	// Source: the example in @agoric/cosmic-proto src/address-hooks.js.
	for _, text := range []string{"", "x", testAddressText, "agoric1", "cosmos1qqqq"} {
		require.Equal(t, text, vtransfertypes.BaseAddress(text))
	}
}
