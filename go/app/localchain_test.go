package app

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"

	vlocalchaintypes "github.com/agd-bridge/agd-bridge/go/x/vlocalchain/types"
)

// answers makes downcalls in one block and returns what the kernel gets.
func (c *testChain) answers(method string, messages ...string) (answers []string) {
	c.t.Helper()
	c.during = func() {
		for _, message := range messages {
			answer, err := c.call(method, message)
			if err != nil {
				answer = err.Error()
			}
			answers = append(answers, answer)
		}
	}
	c.block()
	return answers
}

// localAccount allocates an account of the kernel and funds it.
func localAccount(t *testing.T, c *testChain, coins ...sdk.Coin) string {
	t.Helper()
	var account string
	answer := c.answers("vlocalchain.Send", `{"type":"VLOCALCHAIN_ALLOCATE_ADDRESS"}`)[0]
	require.NoError(t, json.Unmarshal([]byte(answer), &account), answer)
	address, err := c.encoding.Address.StringToBytes(account)
	require.NoError(t, err)
	require.Len(t, address, 32)
	c.change(func(ctx sdk.Context) {
		require.True(t, c.Account.HasAccount(ctx, address))
		require.NoError(t, c.Bank.SendCoins(ctx, testAddress, address, coins))
	})
	return account
}

func executeTx(account string, messages string) string {
	return fmt.Sprintf(`{"type":"VLOCALCHAIN_EXECUTE_TX","address":%q,"messages":[%s]}`, account, messages)
}

func send(from, to, coins string) string {
	return fmt.Sprintf(`{"@type":"/cosmos.bank.v1beta1.MsgSend","fromAddress":%q,"toAddress":%q,"amount":[%s]}`, from, to, coins)
}

func balances(account string) string {
	return fmt.Sprintf(`{"@type":"/cosmos.bank.v1beta1.QueryAllBalancesRequest","address":%q}`, account)
}

func TestTheKernelHasAccountsAndActsWithThem(t *testing.T) {
	c := newTestChain(t, nil)
	a := localAccount(t, c, sdk.NewInt64Coin(BondDenom, 50), sdk.NewInt64Coin(FeeDenom, 100))
	b := localAccount(t, c)
	require.NotEqual(t, a, b)
	five := `{"denom":"uist","amount":"5"}`
	require.Equal(t, []string{`[{},{}]`}, c.answers("vlocalchain.Send", executeTx(a, send(a, b, five)+","+send(a, b, five))))
	height := c.LastBlockHeight() + 1
	query := `{"type":"VLOCALCHAIN_QUERY_MANY","messages":[` + balances(a) + "," + balances(b) + `]}`
	require.Equal(t, []string{fmt.Sprintf(`[{"height":"%[1]d","reply":{"@type":"/cosmos.bank.v1beta1.QueryAllBalancesResponse","balances":[{"denom":"ubld","amount":"50"},{"denom":"uist","amount":"90"}],"pagination":{"nextKey":null,"total":"2"}},"error":""},`+
		`{"height":"%[1]d","reply":{"@type":"/cosmos.bank.v1beta1.QueryAllBalancesResponse","balances":[{"denom":"uist","amount":"10"}],"pagination":{"nextKey":null,"total":"1"}},"error":""}]`, height)},
		c.answers("vlocalchain.Send", query))

	// A transfer over IBC.
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenInit("transfer", "ics20-1", channeltypes.UNORDERED, loop, "transfer", testAddressText)))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenTry("transfer", "ics20-1", channeltypes.UNORDERED, loop, "transfer", "channel-0", "ics20-1", loopProof, c.proofHeight(), testAddressText)))
	require.NoError(t, c.deliver(channeltypes.NewMsgChannelOpenAck("transfer", "channel-0", "channel-1", "ics20-1", loopProof, c.proofHeight(), testAddressText)))
	transfer := fmt.Sprintf(`{"@type":"/ibc.applications.transfer.v1.MsgTransfer","sourcePort":"transfer","sourceChannel":"channel-0","token":%s,"sender":%q,"receiver":%q,"timeoutTimestamp":"9000000000000","memo":""}`, five, a, testAddressText)
	require.Equal(t, []string{`[{"sequence":"1"}]`}, c.answers("vlocalchain.Send", executeTx(a, transfer)))
	require.Equal(t, "5uist", c.Transfer.GetTotalEscrowForDenom(c.NewContext(true), FeeDenom).String())

	exported, err := c.Export(false, []string{vlocalchaintypes.ModuleName})
	require.NoError(t, err)
	require.JSONEq(t, `{"vlocalchain":{"last_sequence":"2"}}`, string(exported.AppState))
	requireProofs(t, c, c.block())
}

func TestBadMessagesForTheLocalChainChangeNothing(t *testing.T) {
	c := newTestChain(t, nil)
	a := localAccount(t, c, sdk.NewInt64Coin(FeeDenom, 100))
	one := `{"denom":"uist","amount":"1"}`
	const malformed = "vlocalchain: malformed message"
	unfit := func(request string) string { return `{"type":"VLOCALCHAIN_QUERY_MANY","messages":[` + request + `]}` }
	const all = "/cosmos.bank.v1beta1.QueryAllBalancesRequest"
	for _, test := range [][2]string{
		{`[]`, malformed},
		{`{"type":1}`, malformed},
		{`null`, `vlocalchain: unrecognized message type ""`},
		{`{"type":"VLOCALCHAIN_FLY"}`, `vlocalchain: unrecognized message type "VLOCALCHAIN_FLY"`},
		{`{"type":"VLOCALCHAIN_EXECUTE_TX","messages":{}}`, malformed},
		{executeTx(a, `{}`), "messages[0]: not a message of this chain"},
		{executeTx(a, `7`), "messages[0]: not a message of this chain"},
		{executeTx(a, `{"@type":"/cosmos.bank.v1beta1.MsgFly"}`), "messages[0]: not a message of this chain"},
		{executeTx(a, `{"@type":"/cosmos.bank.v1beta1.MsgSend","color":"red"}`), "messages[0]: not a message of this chain"},
		{executeTx(a, send(testAddressText, a, one)), "required signer " + testAddressText + " does not match actual signer"},
		{executeTx(testAddressText, send(a, a, one)), "required signer " + a + " does not match actual signer"},
		{executeTx(a, send("x", a, one)), "messages[0]: /cosmos.bank.v1beta1.MsgSend: invalid signer"},
		{executeTx(a, send(a, testAddressText, `{"denom":"uist","amount":"101"}`)), "messages[0]: /cosmos.bank.v1beta1.MsgSend failed: codespace sdk, code 5"},
		{executeTx(a, send(a, testAddressText, one)+","+send(a, testAddressText, `{"denom":"uist","amount":"100"}`)), "messages[1]: /cosmos.bank.v1beta1.MsgSend failed: codespace sdk, code 5"},
		{executeTx(a, send(a, authtypes.NewModuleAddress(authtypes.FeeCollectorName).String(), one)), "messages[0]: /cosmos.bank.v1beta1.MsgSend failed: codespace sdk, code 4"},
		{executeTx(a, `{"@type":"/ibc.applications.transfer.v1.MsgTransfer","sourcePort":"transfer","sourceChannel":"channel-9","token":`+one+`,"sender":"`+a+`","receiver":"x","timeoutTimestamp":"9000000000000"}`), "messages[0]: /ibc.applications.transfer.v1.MsgTransfer failed: codespace clientv2, code 35"},
		{unfit(`{}`), "messages[0]: not a query of this chain"},
		{unfit(`1`), "messages[0]: not a query of this chain"},
		{unfit(`{"@type":"/cosmos.bank.v1beta1.MsgSend"}`), "messages[0]: /cosmos.bank.v1beta1.MsgSend is not a query"},
		{unfit(`{"@type":"/cosmos.base.tendermint.v1beta1.GetNodeInfoRequest"}`), "messages[0]: /cosmos.base.tendermint.v1beta1.GetNodeInfoRequest is not a query"},
		{unfit(balances("x")), "messages[0]: " + all + " failed: InvalidArgument"},
		{unfit(balances("x") + "," + balances("")), "all 2 queries failed: the last: messages[1]: " + all + " failed: InvalidArgument"},
		{unfit(balances("x") + "," + balances(a)), "messages[0]: " + all + " failed: InvalidArgument"},
	} {
		assert.Equal(t, []string{test[1]}, c.answers("vlocalchain.Send", test[0]), test[0])
	}
	two := c.answers("vlocalchain.Send", unfit(balances("x")+","+balances("")+","+balances(a)))[0]
	require.Contains(t, two, `[{"height":"0","reply":null,"error":"messages[0]: `+all+` failed: InvalidArgument"},{"height":"0","reply":null,"error":"messages[1]: `)
	require.Contains(t, two, `"amount":"100"`)
	ctx := c.NewContext(true)
	address, err := c.encoding.Address.StringToBytes(a)
	require.NoError(t, err)
	require.Equal(t, "100uist", c.Bank.GetAllBalances(ctx, address).String())
}
