package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	icahost "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/host"
	icahosttypes "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/host/types"
	icatypes "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/types"
	packetforwardtypes "github.com/cosmos/ibc-go/v11/modules/apps/packet-forward-middleware/types"
	transfertypes "github.com/cosmos/ibc-go/v11/modules/apps/transfer/types"
	clienttypes "github.com/cosmos/ibc-go/v11/modules/core/02-client/types"
	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"
	ibcexported "github.com/cosmos/ibc-go/v11/modules/core/exported"
	localhost "github.com/cosmos/ibc-go/v11/modules/light-clients/09-localhost"

	vibckeeper "github.com/agd-bridge/agd-bridge/go/x/vibc/keeper"
	vibctypes "github.com/agd-bridge/agd-bridge/go/x/vibc/types"
	vlocalchaintypes "github.com/agd-bridge/agd-bridge/go/x/vlocalchain/types"
	vtransferkeeper "github.com/agd-bridge/agd-bridge/go/x/vtransfer/keeper"
	vtransfertypes "github.com/agd-bridge/agd-bridge/go/x/vtransfer/types"
)

// These tests use IBC's connection of a chain with itself, which needs neither
// a second chain nor a relayer: both ends of a channel are the kernel's.

var (
	loop      = []string{ibcexported.LocalhostConnectionID}
	loopProof = localhost.SentinelProof
)

// vibc makes the downcalls of port vibc in one block and returns what the
// kernel gets.
func (c *testChain) vibc(messages ...string) (answers []string) {
	c.t.Helper()
	c.during = func() {
		for _, message := range messages {
			answer, err := c.call("vibc.Send", message)
			if err != nil {
				answer = err.Error()
			}
			answers = append(answers, answer)
		}
	}
	c.block()
	return answers
}

// method is a message of the kernel.
func method(name, members string) string {
	return fmt.Sprintf(`{"type":"IBC_METHOD","method":%q,%s}`, name, members)
}

// deliver handles the message of a relayer and keeps its events. It keeps the
// message's changes only if the message succeeds, as a transaction does.
func (c *testChain) deliver(msg sdk.Msg) error {
	ctx, write := c.committed().CacheContext()
	result, err := c.MsgServiceRouter().Handler(msg)(ctx, msg)
	if err == nil {
		write()
		c.emitted = result.GetEvents()
	}
	c.CommitMultiStore().Commit()
	return err
}

func (c *testChain) proofHeight() clienttypes.Height {
	return clienttypes.NewHeight(0, uint64(c.LastBlockHeight()+1))
}

// events returns the events in the kernel's queue since the last call, each
// without the members that all have, which it checks.
func (c *testChain) events() (events []string) {
	c.t.Helper()
	c.during = func() {
		for {
			text, err := c.call("vstorage.Get", fmt.Sprintf(`"actionQueue.%d"`, c.seen))
			require.NoError(c.t, err)
			if text == "null" {
				return
			}
			c.seen++
			var record string
			require.NoError(c.t, json.Unmarshal([]byte(text), &record))
			var queued struct{ Action json.RawMessage }
			require.NoError(c.t, json.Unmarshal([]byte(record), &queued))
			if _, event, is := strings.Cut(string(queued.Action), `IBC_EVENT","blockHeight":`); is {
				_, event, _ = strings.Cut(event, `,"event":`)
				events = append(events, event)
			}
		}
	}
	c.block()
	return events
}

// openLoop binds two ports of the kernel and opens a channel between them.
func openLoop(t *testing.T, c *testChain) {
	t.Helper()
	require.Equal(t, []string{"true", "true", "true"}, c.vibc(
		method("bindPort", `"packet":{"source_port":"port-1"}`),
		method("bindPort", `"packet":{"source_port":"echo"}`),
		method("startChannelOpenInit", `"packet":{"source_port":"port-1","destination_port":"echo"},"order":"UNORDERED","hops":["connection-localhost"],"version":"words-1"`),
	))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenTry("echo", "words-1", channeltypes.UNORDERED, loop, "port-1", "channel-0", "words-1", loopProof, c.proofHeight(), testAddressText)))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenAck("port-1", "channel-0", "channel-1", "words-1", loopProof, c.proofHeight(), testAddressText)))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenConfirm("echo", "channel-1", loopProof, c.proofHeight(), testAddressText)))
	require.Equal(t, []string{
		`"channelOpenTry","order":"UNORDERED","connectionHops":["connection-localhost"],"portID":"echo","channelID":"channel-1","counterparty":{"port_id":"port-1","channel_id":"channel-0"},"version":"words-1","asyncVersions":false}`,
		`"channelOpenAck","portID":"port-1","channelID":"channel-0","counterpartyVersion":"words-1","counterparty":{"port_id":"echo","channel_id":"channel-1"},"connectionHops":["connection-localhost"]}`,
		`"channelOpenConfirm","portID":"echo","channelID":"channel-1"}`,
	}, c.events())
}

// packetOf parses what sendPacket returned.
func packetOf(t testing.TB, text string) channeltypes.Packet {
	t.Helper()
	var packet vibctypes.Packet
	require.NoError(t, json.Unmarshal([]byte(text), &packet), text)
	return packet.Packet
}

const fromPort1 = `"packet":{"source_port":"port-1","source_channel":"channel-0","destination_port":"echo","destination_channel":"channel-1","data":"aGVsbG8="}`

func TestTheKernelOpensAChannelAndSendsPackets(t *testing.T) {
	c := newTestChain(t, nil)
	openLoop(t, c)
	relayer := `"relayer":"` + testAddressText + `"}`

	sent := c.vibc(method("sendPacket", fromPort1+`,"relativeTimeoutNs":"60000000000"`))[0]
	packet := packetOf(t, sent)
	timeout := time.Unix(1060+c.LastBlockHeight(), 0)
	require.Equal(t, fmt.Sprintf(`{"sequence":"1","source_port":"port-1","source_channel":"channel-0","destination_port":"echo","destination_channel":"channel-1","data":"aGVsbG8=","timeout_height":{"revision_number":"0","revision_height":"0"},"timeout_timestamp":"%d"}`, timeout.UnixNano()), sent)

	ack := method("receiveExecuted", `"packet":`+sent+`,"ack":"QUNL"`)
	require.Equal(t, []string{"receiveExecuted: the packet 1 has not been received"}, c.vibc(ack))
	require.NoError(t, c.deliver(channeltypes.NewMsgRecvPacket(packet, loopProof, c.proofHeight(), testAddressText)))
	require.Equal(t, []string{`"receivePacket","channelVersion":"words-1","packet":` + sent + `,` + relayer}, c.events())
	require.Equal(t, []string{"true", "receiveExecuted: IBC refused it: codespace channel, code 17"}, c.vibc(ack, ack))
	require.NoError(t, c.deliver(channeltypes.NewMsgRecvPacket(packet, loopProof, c.proofHeight(), testAddressText)), "a replay does nothing")
	require.NoError(t, c.deliver(channeltypes.NewMsgAcknowledgement(packet, []byte("ACK"), loopProof, c.proofHeight(), testAddressText)))
	require.Equal(t, []string{`"acknowledgementPacket","channelVersion":"words-1","packet":` + sent + `,"acknowledgement":"QUNL",` + relayer}, c.events())

	late := c.vibc(method("sendPacket", fromPort1+`,"relativeTimeoutNs":"1"`))[0]
	executed := method("timeoutExecuted", `"packet":`+late)
	require.Equal(t, []string{"timeoutExecuted: the packet 2 has not timed out"}, c.vibc(executed))
	require.NoError(t, c.deliver(channeltypes.NewMsgTimeout(packetOf(t, late), 1, loopProof, c.proofHeight(), testAddressText)))
	require.Equal(t, []string{`"timeoutPacket","channelVersion":"words-1","packet":` + late + `,` + relayer}, c.events())
	require.Equal(t, []string{"true"}, c.vibc(executed))

	require.ErrorContains(t, c.deliver(&channeltypes.MsgChannelCloseInit{PortId: "echo", ChannelId: "channel-1", Signer: testAddressText}), "only the kernel can close its channels")
	closeInit := method("startChannelCloseInit", `"packet":{"source_port":"port-1","source_channel":"channel-0"}`)
	require.Equal(t, []string{"true"}, c.vibc(closeInit))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelCloseConfirm("echo", "channel-1", loopProof, c.proofHeight(), testAddressText)))
	require.Equal(t, []string{`"channelCloseConfirm","portID":"echo","channelID":"channel-1"}`}, c.events())
	require.NoError(t, c.open(), "once more")
	requireProofs(t, c, c.block())
}

func TestBadMessagesOfTheKernelAreRefused(t *testing.T) {
	c := newTestChain(t, nil)
	openLoop(t, c)
	const port1 = `"source_port":"port-1"`
	for _, test := range [][2]string{
		{`[]`, "vibc: a message must be an object with type and method"},
		{`"x"`, "vibc: a message must be an object with type and method"},
		{`null`, `vibc: expected a message of type IBC_METHOD, got ""`},
		{`{"type":"VBANK"}`, `vibc: expected a message of type IBC_METHOD, got "VBANK"`},
		{`{"type":"IBC_METHOD"}`, `vibc: unrecognized method ""`},
		{method("fly", `"x":1`), `vibc: unrecognized method "fly"`},
		{method("bindPort", `"packet":{"source_port":"port-1","color":"red"}`), "bindPort: malformed message"},
		{method("bindPort", `"packet":null`), "bindPort: malformed message"},
		{method("bindPort", `"x":1`), `bindPort: invalid port ""`},
		{method("bindPort", `"packet":{"source_port":"a/b"}`), `bindPort: invalid port "a/b"`},
		{method("bindPort", `"packet":{"source_port":"port-1"}`), `bindPort: port "port-1" is bound already`},
		{method("bindPort", `"packet":{"source_port":"transfer"}`), `bindPort: port "transfer" belongs to another module`},
		{method("initOpenExecuted", `"x":1`), "initOpenExecuted: the channel has its version already: asyncVersions is false"},
		{method("tryOpenExecuted", `"x":1`), "tryOpenExecuted: the channel has its version already: asyncVersions is false"},
		{method("startChannelOpenInit", `"packet":{"source_port":"transfer","destination_port":"transfer"},"order":"UNORDERED","hops":["connection-localhost"],"version":"ics20-1"`), `startChannelOpenInit: port "transfer" is not bound`},
		{method("startChannelOpenInit", `"packet":{`+port1+`},"order":"UNORDERED","hops":["connection-localhost"]`), "startChannelOpenInit: IBC refused it: codespace host, code 2"},
		{method("startChannelOpenInit", `"packet":{`+port1+`,"destination_port":"echo"},"order":"SOME","hops":["connection-localhost"]`), "startChannelOpenInit: IBC refused it: codespace channel, code 6"},
		{method("startChannelOpenInit", `"packet":{`+port1+`,"destination_port":"echo"},"order":"ORDERED"`), "startChannelOpenInit: IBC refused it: codespace channel, code 15"},
		{method("startChannelOpenInit", `"packet":{`+port1+`,"destination_port":"echo"},"order":"ORDERED","hops":["connection-9"]`), "startChannelOpenInit: IBC refused it: codespace connection, code 3"},
		{method("startChannelCloseInit", `"packet":{`+port1+`,"source_channel":"channel-9"}`), "startChannelCloseInit: IBC refused it: codespace channel, code 3"},
		{method("startChannelCloseInit", `"packet":{"source_port":"x","source_channel":"channel-0"}`), `startChannelCloseInit: port "x" is not bound`},
		{method("sendPacket", `"packet":{"source_port":"transfer","source_channel":"channel-0","data":"aGVsbG8="},"relativeTimeoutNs":"60000000000"`), `sendPacket: port "transfer" is not bound`},
		{method("sendPacket", `"packet":{`+port1+`,"source_channel":"channel-9","data":"aGVsbG8="},"relativeTimeoutNs":"60000000000"`), "sendPacket: IBC refused it: codespace channel, code 3"},
		{method("sendPacket", `"packet":{`+port1+`,"source_channel":"channel-0"},"relativeTimeoutNs":"60000000000"`), "sendPacket: IBC refused it: codespace channel, code 13"},
		{method("sendPacket", `"packet":{`+port1+`,"source_channel":"channel-0","data":"not base64"}`), "sendPacket: malformed message"},
		{method("sendPacket", fromPort1+`,"relativeTimeoutNs":"18446744073709551615"`), "sendPacket: relativeTimeoutNs is too large"},
		{method("sendPacket", fromPort1+`,"relativeTimeoutNs":"-1"`), "sendPacket: malformed message"},
		{method("receiveExecuted", `"packet":{"destination_port":"transfer","destination_channel":"channel-0","sequence":"1"},"ack":"QUNL"`), `receiveExecuted: port "transfer" is not bound`},
		{method("receiveExecuted", `"packet":{"destination_port":"echo","destination_channel":"channel-9","sequence":"1"},"ack":"QUNL"`), "receiveExecuted: the packet 1 has not been received"},
		{method("timeoutExecuted", `"packet":{"source_port":"transfer","source_channel":"channel-0","sequence":"1"}`), `timeoutExecuted: port "transfer" is not bound`},
	} {
		assert.Equal(t, []string{test[1]}, c.vibc(test[0]), test[0])
	}
	require.Empty(t, c.events())
}

func TestNoPortReachesTheWrongModule(t *testing.T) {
	c := newTestChain(t, nil)
	for _, port := range []string{"port-1", "icacontroller-1", "icqcontroller-1", "custom-1", "transfer-2", "icahost-1", "aicahost", "my-transfer", "atransfer", "9transfer", "Transfer", "transferx", "+a"} {
		module, found := c.IBC.PortKeeper.Route(port)
		require.True(t, found, port)
		require.IsType(t, (*vibckeeper.IBCModule)(nil), module, port)
		err := c.deliver(channeltypes.NewMsgChannelOpenInit(port, "v", channeltypes.UNORDERED, loop, "transfer", testAddressText))
		require.ErrorContains(t, err, fmt.Sprintf("the kernel has not bound the port %q", port))
	}
	module, _ := c.IBC.PortKeeper.Route(transfertypes.PortID)
	require.IsType(t, (*vtransferkeeper.Middleware)(nil), module)
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenInit("transfer", "ics20-1", channeltypes.UNORDERED, loop, "transfer", testAddressText)))
	module, _ = c.IBC.PortKeeper.Route(icatypes.HostPortID)
	require.IsType(t, (*icahost.IBCModule)(nil), module)
}

func TestBoundPortsAreInTheGenesis(t *testing.T) {
	c := newTestChain(t, nil)
	openLoop(t, c)
	exported, err := c.Export(false, []string{vibctypes.ModuleName})
	require.NoError(t, err)
	genesis, err := modulesOf(exported.AppState)
	require.NoError(t, err)
	require.JSONEq(t, `{"ports":["echo","port-1"]}`, string(genesis[vibctypes.ModuleName]))
	other := newTestChain(t, func(_ *App, modules map[string]json.RawMessage) {
		modules[vibctypes.ModuleName] = genesis[vibctypes.ModuleName]
	})
	require.Equal(t, []string{`bindPort: port "echo" is bound already`}, other.vibc(method("bindPort", `"packet":{"source_port":"echo"}`)))
	for text, want := range map[string]string{
		`{"ports":["a/b"]}`:         "vibc: ports[0]: ",
		`{"ports":["aa","aa"]}`:     `vibc: ports[1]: "aa" occurs twice`,
		`{"ports":[],"channels":1}`: "vibc: ",
	} {
		_, err := vibctypes.ParseGenesis(json.RawMessage(text))
		require.ErrorContains(t, err, want, text)
	}
}

func TestAChainWithoutIBCGainsItByAnUpgrade(t *testing.T) {
	c := newTestChain(t, nil)
	ofOtherStores(c, []string{ibcexported.StoreKey, transfertypes.StoreKey, vibctypes.StoreKey, vlocalchaintypes.StoreKey, vtransfertypes.StoreKey, packetforwardtypes.StoreKey, icahosttypes.StoreKey}, nil)
	require.EqualError(t, c.open(), `the chain's state at height 3 is of another release: it lacks the store "ibc": run the release that made it, until the network's upgrade (docs/operating.md)`)
	buildFor(t, "next")
	require.NoError(t, c.open())
	c.block()
	requireModuleAccounts(t, c, c.NewContext(true))
	require.True(t, c.ICAHost.GetParams(c.NewContext(true)).HostEnabled)
	openLoop(t, c)
	requireProofs(t, c, c.block())
}

func TestChannelsContinueAfterAnExport(t *testing.T) {
	c := newTestChain(t, nil)
	openTransfers(t, c)
	coins := transferTo(t, c, testAddressText, aDay)
	c.block()
	exported, err := c.Export(false, nil)
	require.NoError(t, err)
	genesis, err := modulesOf(exported.AppState)
	require.NoError(t, err)
	other := newTestChain(t, func(_ *App, modules map[string]json.RawMessage) {
		for name := range modules {
			modules[name] = genesis[name]
		}
	})
	require.Equal(t, "5uist", other.escrow())
	require.NoError(t, other.receive(coins))
	require.True(t, other.acknowledged(coins))
	require.EqualValues(t, 2, transferTo(t, other, testAddressText, aDay).Sequence)
}
