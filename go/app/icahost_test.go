package app

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	"github.com/cosmos/gogoproto/proto"

	icahosttypes "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/host/types"
	icatypes "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/types"
	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"
)

// A vat is the controller of the accounts in these tests, over the connection
// of the chain with itself.

// icaVersion is the version of a channel as its controller proposes it.
const icaVersion = `{"version":"ics27-1","controller_connection_id":"connection-localhost","host_connection_id":"connection-localhost","address":"","encoding":"proto3","tx_type":"sdk_multi_msg"}`

// openAccount opens a channel of the kernel with the host and returns the
// account's address.
func openAccount(t *testing.T, c *testChain) string {
	t.Helper()
	require.Equal(t, []string{"true", "true"}, c.vibc(
		method("bindPort", `"packet":{"source_port":"icacontroller-1"}`),
		method("startChannelOpenInit", `"packet":{"source_port":"icacontroller-1","destination_port":"icahost"},"order":"ORDERED","hops":["connection-localhost"],"version":`+fmt.Sprintf("%q", icaVersion)),
	))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenTry("icahost", "", channeltypes.ORDERED, loop, "icacontroller-1", "channel-0", icaVersion, loopProof, c.proofHeight(), testAddressText)))
	channel, found := c.IBC.ChannelKeeper.GetChannel(c.committed(), "icahost", "channel-1")
	require.True(t, found)
	var metadata icatypes.Metadata
	require.NoError(t, json.Unmarshal([]byte(channel.Version), &metadata))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenAck("icacontroller-1", "channel-0", "channel-1", channel.Version, loopProof, c.proofHeight(), testAddressText)))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenConfirm("icahost", "channel-1", loopProof, c.proofHeight(), testAddressText)))
	require.Contains(t, c.events()[0], "channelOpenAck")
	return metadata.Address
}

// account sends a packet to the host and returns it after the host has received
// it.
func (c *testChain) account(data string) channeltypes.Packet {
	c.t.Helper()
	sent := c.vibc(method("sendPacket", fmt.Sprintf(`"packet":{"source_port":"icacontroller-1","source_channel":"channel-0","destination_port":"icahost","destination_channel":"channel-1","data":%q},"relativeTimeoutNs":"60000000000"`,
		base64.StdEncoding.EncodeToString([]byte(data)))))[0]
	packet := packetOf(c.t, sent)
	require.NoError(c.t, c.receive(packet))
	return packet
}

// executing is the data of a packet with messages.
func executing(t *testing.T, c *testChain, msgs ...proto.Message) string {
	t.Helper()
	tx, err := icatypes.SerializeCosmosTx(c.encoding.Codec, msgs, icatypes.EncodingProtobuf)
	require.NoError(t, err)
	data := icatypes.InterchainAccountPacketData{Type: icatypes.EXECUTE_TX, Data: tx}
	return string(data.GetBytes())
}

func paid(from, to string, amount int64) *banktypes.MsgSend {
	return &banktypes.MsgSend{FromAddress: from, ToAddress: to, Amount: sdk.NewCoins(sdk.NewInt64Coin(FeeDenom, amount))}
}

func (c *testChain) allow(messages ...string) error {
	return c.deliver(&icahosttypes.MsgUpdateParams{
		Signer: authtypes.NewModuleAddress(govtypes.ModuleName).String(),
		Params: icahosttypes.NewParams(true, messages),
	})
}

func TestAnotherChainHasAnAccountHere(t *testing.T) {
	c := newTestChain(t, nil)
	account := openAccount(t, c)
	address, err := c.encoding.Address.StringToBytes(account)
	require.NoError(t, err)
	require.IsType(t, (*icatypes.InterchainAccount)(nil), c.Account.GetAccount(c.committed(), address))
	c.change(func(ctx sdk.Context) {
		require.NoError(t, c.Bank.SendCoins(ctx, testAddress, address, sdk.NewCoins(sdk.NewInt64Coin(FeeDenom, 100))))
	})
	balance := func() string { return c.Bank.GetAllBalances(c.committed(), address).String() }

	packet := c.account(executing(t, c, paid(account, testAddressText, 30), paid(account, testAddressText, 5)))
	require.Equal(t, "65uist", balance())
	require.True(t, c.acknowledged(packet))

	// All messages or none.
	c.account(executing(t, c, paid(account, testAddressText, 30), paid(account, testAddressText, 500)))
	require.Equal(t, "65uist", balance())

	require.NoError(t, c.allow("/cosmos.staking.v1beta1.MsgDelegate"))
	c.account(executing(t, c, paid(account, testAddressText, 1)))
	require.Equal(t, "65uist", balance(), "the message is not in the list")
	require.NoError(t, c.allow("/cosmos.bank.v1beta1.MsgSend"))
	c.account(executing(t, c, paid(account, testAddressText, 1)))
	require.Equal(t, "64uist", balance())
	requireProofs(t, c, c.block())

	exported, err := c.Export(false, nil)
	require.NoError(t, err)
	genesis, err := modulesOf(exported.AppState)
	require.NoError(t, err)
	require.NoError(t, CheckAccounts(exported.AppState))
	other := newTestChain(t, func(_ *App, modules map[string]json.RawMessage) {
		for name := range modules {
			modules[name] = genesis[name]
		}
	})
	found, has := other.ICAHost.GetInterchainAccountAddress(other.NewContext(true), "connection-localhost", "icacontroller-1")
	require.True(t, has)
	require.Equal(t, account, found)
	require.Equal(t, []string{"/cosmos.bank.v1beta1.MsgSend"}, other.ICAHost.GetParams(other.NewContext(true)).AllowMessages)
}

func TestBadPacketsForAnAccountChangeNothing(t *testing.T) {
	c := newTestChain(t, nil)
	account := openAccount(t, c)
	before := c.Bank.GetAllBalances(c.committed(), testAddress)
	for _, data := range []string{
		`{"type"`, `null`, `{}`, `{"type":"TYPE_EXECUTE_TX","data":"","memo":""}`,
		`{"type":"TYPE_EXECUTE_TX","data":"AAAA","memo":""}`, `{"type":"TYPE_UNSPECIFIED","data":"","memo":""}`,
		executing(t, c, paid(testAddressText, account, 1)), // another's coins
		executing(t, c, paid(account, testAddressText, 1)), // coins that it has not
		executing(t, c, &icahosttypes.MsgUpdateParams{Signer: authtypes.NewModuleAddress(govtypes.ModuleName).String()}),
	} {
		packet := c.account(data)
		assert.True(t, c.acknowledged(packet), data)
		assert.Equal(t, before, c.Bank.GetAllBalances(c.committed(), testAddress), data)
	}
	for _, list := range [][]string{{"*", "/x"}, {" "}} {
		require.Error(t, c.allow(list...), list)
	}
	require.ErrorContains(t, c.deliver(channeltypes.NewMsgChannelOpenInit("icahost", icaVersion, channeltypes.ORDERED, loop, "icacontroller-1", testAddressText)), "channel handshake must be initiated by controller chain")
	require.ErrorContains(t, c.deliver(channeltypes.NewMsgChannelCloseInit("icahost", "channel-1", testAddressText)), "user cannot close channel")
}

func TestAGenesisWithAControllerOfAccountsIsRefused(t *testing.T) {
	c := newTestChain(t, nil)
	module := newICAHostModule(c.ICAHost)
	require.NoError(t, module.ValidateGenesis(c.encoding.Codec, c.encoding.TxConfig, module.DefaultGenesis(c.encoding.Codec)))
	for text, want := range map[string]string{
		`{"controller_genesis_state":{"ports":["icacontroller-1"]},"host_genesis_state":{"port":"icahost","params":{}}}`: "interchainaccounts: controller_genesis_state: this build has no controller",
		`{"host_genesis_state":{"port":"icahost","params":{"allow_messages":[" "]}}}`:                                    "interchainaccounts: parameter must not contain empty strings",
		`{"host_genesis_state":{"port":"a/b"}}`:                                                                          "interchainaccounts: ",
	} {
		require.ErrorContains(t, module.ValidateGenesis(c.encoding.Codec, c.encoding.TxConfig, json.RawMessage(text)), want, text)
	}
}
