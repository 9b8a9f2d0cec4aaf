package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/app"
)

func TestErrorsAreUnwrapped(t *testing.T) {
	for text, want := range map[string]string{
		"rpc error: code = NotFound desc = rpc error: code = NotFound desc = account agoric1 not found: key not found":                                                                             "account agoric1 not found: key not found",
		"failed to execute message; message index: 0: 1ubld is smaller than 2ubld: insufficient funds [cosmos/cosmos-sdk@v0.54.4/baseapp/baseapp.go:1050] with gas used: '38429': unknown request": "failed to execute message; message index: 0: 1ubld is smaller than 2ubld: insufficient funds with gas used: '38429': unknown request",
		`invalid argument "nobody" for "--0" flag: invalid account address`:                                                                                                                        `argument "nobody": invalid account address`,
		`invalid argument "x" for "--split" flag: y`: `invalid argument "x" for "--split" flag: y`,
		"a list [1] of main.go:1":                    "a list [1] of main.go:1",
		"error in json rpc client, with http response metadata: (Status: 200 OK, Protocol HTTP/1.1). RPC error -32603 - Internal error: height 9 must be less": "height 9 must be less",
	} {
		require.Equal(t, want, oneLine(errors.New(text)))
	}
}

func TestAnErrorSaysThatNobodyListens(t *testing.T) {
	for text, want := range map[string]string{
		`post failed: Post "http://127.0.0.1:1": dial tcp 127.0.0.1:1: connect: connection refused`:                                                        `no node at "127.0.0.1:1": connection refused: is agd running? start it, or name its address with --node`,
		`rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp [::1]:9090: connect: connection refused"`: `no node at "[::1]:9090": connection refused: is agd running? start it, or name its address with --node`,
		`failed to get chain height: post failed: Post "http://.tmp.nosock": dial unix /tmp/nosock: connect: no such file or directory`:                    `no node at "/tmp/nosock": no such file or directory: is agd running? start it, or name its address with --node`,
		`post failed: Post "http://nosuch": dial tcp: lookup nosuch: no such host`:                                                                         `no node at "nosuch": no such host: check the address of --node`,
		`post failed: Post "http://nosuch:1": dial tcp: lookup nosuch on 10.0.0.1:53: no such host`:                                                        `no node at "nosuch": no such host: check the address of --node`,
	} {
		cause := errors.New(text)
		err := explainNoNode(cause, flags.FlagNode)
		require.EqualError(t, err, want)
		require.ErrorIs(t, err, cause)
	}
	require.NoError(t, explainNoNode(nil, flags.FlagNode))
}

func TestAQueryBeforeTheFirstBlockSaysSo(t *testing.T) {
	early := errors.New("rpc error: code = Unknown desc = codespace sdk code 26: invalid height: agd is not ready; please wait for first block")
	require.Equal(t, errNoBlockYet, explainNoBlock(early))
	other := errors.New("invalid height")
	require.Equal(t, other, explainNoBlock(other))
	require.NoError(t, explainNoBlock(nil))
}

func TestNamesOfKeysAreResolved(t *testing.T) {
	setupSDK()
	encoding, err := app.NewEncoding()
	require.NoError(t, err)
	keys := keyring.NewInMemory(encoding.Codec)
	alice, _, err := keys.NewMnemonic("alice", keyring.English, sdk.FullFundraiserPath, "", hd.Secp256k1)
	require.NoError(t, err)
	bytesOf, err := alice.GetAddress()
	require.NoError(t, err)
	account, validator := bytesOf.String(), sdk.ValAddress(bytesOf).String()
	ctx := client.Context{}.WithKeyring(keys).WithKeyringDir("/home/x")

	run := func(use string, args ...string) ([]string, error) {
		cmd := &cobra.Command{Use: use}
		cmd.SetContext(context.WithValue(t.Context(), client.ClientContextKey, &ctx))
		return resolveNames(cmd, args, nil)
	}
	for _, c := range []struct {
		use        string
		args, want []string
	}{
		{"balances [address]", []string{"alice"}, []string{account}},
		{"balances [address]", []string{account}, []string{account}},
		{"send [from_key_or_address] [to_address] [amount]", []string{"alice", "alice", "1ubld"}, []string{"alice", account, "1ubld"}},
		{"multi-send [from_key_or_address] [to_address_1 to_address_2 ...] [amount]", []string{"alice", "alice", account, "alice", "1ubld"}, []string{"alice", account, account, account, "1ubld"}},
		{"multi-send [from_key_or_address] [to_address_1 to_address_2 ...] [amount]", []string{"alice", "alice", "alice"}, []string{"alice", account, "alice"}},
		{"delegate [validator-addr] [amount]", []string{"alice", "1ubld"}, []string{validator, "1ubld"}},
		{"delegate [validator-addr] [amount]", []string{validator, "1ubld"}, []string{validator, "1ubld"}},
		{"provision-one NICKNAME ADDRESS [FLAG,...]", []string{"alice", "alice"}, []string{"alice", account}},
		{"signing-info [validator-conspub/address]", []string{"alice"}, []string{"alice"}},
		{"address-string-to-bytes [address-string]", []string{"alice"}, []string{"alice"}},
	} {
		got, err := run(c.use, c.args...)
		require.NoError(t, err, c.use)
		require.Equal(t, c.want, got, c.use)
	}
	_, err = run("balances [address]", "nobody")
	require.EqualError(t, err, "\"nobody\" is neither an account's address nor the name of a key: none in the keyring \"memory\" of \"/home/x\": see `agd keys list`")
	_, err = run("balances [address]", account[:len(account)-1]+"1")
	require.ErrorContains(t, err, "is not an account's address: decoding bech32 failed")
	_, err = run("delegate [validator-addr]", account)
	require.ErrorContains(t, err, "is not a validator's address: ")
	_, err = run("delegate [validator-addr]", "nobody")
	require.ErrorContains(t, err, "is neither a validator's address nor")

	cmd := &cobra.Command{Use: "x"}
	cmd.Flags().String(flags.FlagFeePayer, "", "")
	cmd.Flags().Var(&generatedFlag{}, "voter", "")
	cmd.SetContext(context.WithValue(t.Context(), client.ClientContextKey, &ctx))
	late := deferNames(cmd)
	require.NoError(t, cmd.ParseFlags([]string{"--fee-payer", "alice", "--voter", "alice"}))
	_, err = resolveNames(cmd, nil, late)
	require.NoError(t, err)
	require.Equal(t, account, cmd.Flag(flags.FlagFeePayer).Value.String())
	require.Equal(t, account, cmd.Flag("voter").Value.String())
}

// generatedFlag is like the flags of the SDK's generated commands.
type generatedFlag struct{ value string }

func (f *generatedFlag) String() string { return f.value }
func (f *generatedFlag) Type() string   { return generatedAddress }
func (f *generatedFlag) Set(text string) error {
	if err := checkAddress(accountAddress, text); err != nil {
		return err
	}
	f.value = text
	return nil
}

// blockClient accepts a transaction and reports it in a block after some
// queries.
type blockClient struct {
	client.CometRPC
	refusal   uint32
	questions int
	failure   uint32
}

func (c *blockClient) BroadcastTxSync(_ context.Context, tx cmttypes.Tx) (*coretypes.ResultBroadcastTx, error) {
	return &coretypes.ResultBroadcastTx{Code: c.refusal, Codespace: "sdk", Log: "refused", Hash: tx.Hash()}, nil
}

func (c *blockClient) Tx(context.Context, []byte, bool) (*coretypes.ResultTx, error) {
	if c.questions--; c.questions >= 0 {
		return nil, errors.New("tx (AB) not found")
	}
	return &coretypes.ResultTx{Height: 7, TxResult: abci.ExecTxResult{Code: c.failure, Codespace: "sdk", Log: "no funds"}}, nil
}

func TestATransactionIsAwaited(t *testing.T) {
	setupSDK()
	encoding, err := app.NewEncoding()
	require.NoError(t, err)
	hash := fmt.Sprintf("%X", cmttypes.Tx("tx").Hash())
	send := func(node *blockClient, args ...string) (string, error) {
		var out bytes.Buffer
		ctx := client.Context{}.WithCodec(encoding.Codec).WithClient(node).WithNodeURI("tcp://127.0.0.1:1").
			WithOutputFormat(flags.OutputFormatJSON).WithBroadcastMode(flags.BroadcastSync)
		cmd := &cobra.Command{Use: "send", SilenceErrors: true, SilenceUsage: true, RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, err := client.GetClientTxContext(cmd)
			if err != nil {
				return err
			}
			ctx = ctx.WithOutput(cmd.OutOrStdout())
			if err := ctx.PrintString("asked\n"); err != nil {
				return err
			}
			result, err := ctx.BroadcastTx([]byte("tx"))
			if err != nil {
				return err
			}
			return ctx.PrintProto(result)
		}}
		flags.AddTxFlagsToCmd(cmd)
		waitForTransactions(cmd)
		cmd.SetOut(&out)
		cmd.SetArgs(args)
		err := cmd.ExecuteContext(context.WithValue(t.Context(), client.ClientContextKey, &ctx))
		return out.String(), err
	}
	wait := []string{"--wait", "--wait-timeout", "10s"}

	out, err := send(&blockClient{questions: 1}, wait...)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(out, "asked\n{"), out)
	require.Equal(t, 1, strings.Count(out, hash), "one result: %s", out)
	require.Contains(t, out, `"height":"7"`)

	out, err = send(&blockClient{failure: 5}, wait...)
	require.EqualError(t, err, "transaction "+hash+" failed in block 7: code 5 of sdk: no funds")
	require.Equal(t, 1, failureCode(err))
	require.Contains(t, out, `"code":5`)

	out, err = send(&blockClient{refusal: 9}, wait...)
	require.EqualError(t, err, "transaction "+hash+" was refused: code 9 of sdk: refused")
	require.Contains(t, out, `"code":9`)

	_, err = send(&blockClient{questions: 1 << 30}, "--wait", "--wait-timeout", "1ms")
	require.ErrorContains(t, err, "transaction "+hash+" is in no block after 1ms: it may still come")
	require.Equal(t, exitAbsent, failureCode(err))

	out, err = send(&blockClient{})
	require.NoError(t, err)
	require.Contains(t, out, `"height":"0"`, "without --wait the answer to the broadcast")
	_, err = send(&blockClient{}, "--wait", "--wait-timeout", "0s")
	require.EqualError(t, err, "--wait-timeout is 0s: expected a time above 0, such as 30s")
	require.Less(t, waitPoll, time.Second)
}
