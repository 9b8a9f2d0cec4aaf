package keeper

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// growing are texts whose bytes grow differently when they are quoted.
var growing = []string{"a", "<", `"`, `\`, "\n", "\x00", "\x1f", "é", "\u2028", "\ufffd", "𝒳"}

// A sender sends a text in a message of one kind.
type sender struct {
	name string
	send func(f *fixture, text string) error
	// member returns the part of the action that holds the text.
	member func(action map[string]any) any
}

// quoted returns the text as a JSON string, for fields that must be JSON.
func quoted(text string) string {
	raw, _ := json.Marshal(text)
	return string(raw)
}

// admitted passes a message to its handler. If the mempool admits the message,
// the handler must accept it too.
func admitted[M sdk.Msg](f *fixture, msg M, handle func(M) error) error {
	inMempool := f.Admit(f.ctx.WithIsCheckTx(true), []sdk.Msg{msg})
	if err := handle(msg); err != nil || inMempool == nil {
		return err
	}
	return inMempool
}

func installBundle(f *fixture, text string, compress bool) error {
	msg := &types.MsgInstallBundle{Bundle: `{"moduleFormat":` + quoted(text) + `}`, Submitter: owner}
	if compress {
		msg, _ = msg.Compressed()
	}
	if err := msg.ValidateBasic(); err != nil {
		return err
	}
	return admitted(f, msg, func(msg *types.MsgInstallBundle) error {
		_, err := NewMsgServer(f.Keeper).InstallBundle(f.inTx(), msg)
		return err
	})
}

func bundleIn(action map[string]any) any {
	var bundle map[string]any
	_ = json.Unmarshal([]byte(action["bundle"].(string)), &bundle)
	return bundle["moduleFormat"]
}

func stringIn(name string) func(action map[string]any) any {
	return func(action map[string]any) any {
		var text string
		_ = json.Unmarshal([]byte(action[name].(string)), &text)
		return text
	}
}

var senders = []sender{
	{"a wallet's action", func(f *fixture, text string) error {
		return admitted(f, &types.MsgWalletAction{Owner: owner, Action: quoted(text)}, func(msg *types.MsgWalletAction) error {
			_, err := NewMsgServer(f.Keeper).WalletAction(f.inTx(), msg)
			return err
		})
	}, stringIn("action")},
	{"a wallet's spending action", func(f *fixture, text string) error {
		return admitted(f, &types.MsgWalletSpendAction{Owner: owner, SpendAction: quoted(text)}, func(msg *types.MsgWalletSpendAction) error {
			_, err := NewMsgServer(f.Keeper).WalletSpendAction(f.inTx(), msg)
			return err
		})
	}, stringIn("spendAction")},
	{"a delivery", func(f *fixture, text string) error {
		msg := &types.MsgDeliverInbound{Messages: []string{text}, Nums: []uint64{1}, Submitter: owner}
		return admitted(f, msg, func(msg *types.MsgDeliverInbound) error {
			_, err := NewMsgServer(f.Keeper).DeliverInbound(f.inTx(), msg)
			return err
		})
	}, func(action map[string]any) any { return action["messages"].([]any)[0].([]any)[1] }},
	{"a provisioning", func(f *fixture, text string) error {
		msg := &types.MsgProvision{Nickname: text, Address: owner, Submitter: owner}
		return admitted(f, msg, func(msg *types.MsgProvision) error {
			_, err := NewMsgServer(f.Keeper).Provision(f.inTx(), msg)
			return err
		})
	}, func(action map[string]any) any { return action["nickname"] }},
	{"a bundle", func(f *fixture, text string) error { return installBundle(f, text, false) }, bundleIn},
	{"a compressed bundle", func(f *fixture, text string) error { return installBundle(f, text, true) }, bundleIn},
	{"a core eval", func(f *fixture, text string) error {
		return f.CoreEval(f.ctx, &types.CoreEvalProposal{Title: "t", Description: "d", Evals: []types.CoreEval{{JsonPermits: "true", JsCode: "'" + text}}})
	}, func(action map[string]any) any {
		return strings.TrimPrefix(action["evals"].([]any)[0].(map[string]any)["js_code"].(string), "'")
	}},
}

// frameOf returns the frame by which the kernel reads a path, or the error.
func (f *fixture) frameOf(t *testing.T, path string) ([]byte, error) {
	t.Helper()
	get, err := vm.Checked("vstorage.Get", f.vstorage.Downcalls()["vstorage.Get"])
	require.NoError(t, err)
	result, err := get(f.ctx, []json.RawMessage{json.RawMessage(quoted(path))})
	require.NoError(t, err)
	limits := bridge.DefaultLimits()
	return jsonrpc1.EncodeResult(1<<53-1, result, jsonrpc1.Limits{MaxFrameBytes: limits.MaxFrameBytes, MaxNesting: limits.MaxNesting})
}

func TestEveryAcceptedMessageCanBeDelivered(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	taken, refused := 0, 0
	for _, by := range senders {
		for _, at := range random.Perm(len(growing))[:3] {
			unit := growing[at]
			f := newFixture(t)
			f.bank[owner.String()] = sdk.NewCoins(sdk.NewInt64Coin("ubld", 1<<60), sdk.NewInt64Coin(provisionPass, 1))
			f.set(t, "published.wallet."+owner.String(), "{}")
			size := random.IntN(types.MaxBundleSize * 11 / 10)
			text := strings.Repeat(unit, 1+size/len(unit))
			if err := by.send(f, text); err != nil {
				refused++
				require.Regexp(t, `too large.*: \d+ bytes.*, of (at most|less than) \d+|^the bundle is too large`, err.Error())
				continue
			}
			taken++
			queue := types.PathActionQueue
			if by.name == "a core eval" {
				queue = types.PathHighPriorityQueue
			}
			frame, err := f.frameOf(t, queue+".0")
			require.NoError(t, err, "%s of %d times %q", by.name, len(text)/len(unit), unit)
			var answer struct{ Result string }
			require.NoError(t, json.Unmarshal(frame, &answer))
			var record struct{ Action map[string]any }
			require.NoError(t, json.Unmarshal([]byte(answer.Result), &record))
			if by.member(record.Action) != text {
				t.Fatalf("%s of %d times %q: another text came", by.name, len(text)/len(unit), unit)
			}
			if !strings.Contains(by.name, "bundle") {
				// As the kernel passes it on, twice, in its export data.
				require.LessOrEqual(t, 2*vm.QuotedBytes(answer.Result, quotingsOfAction), vm.MaxTextBytes,
					"%s of %d times %q", by.name, len(text)/len(unit), unit)
			}
		}
	}
	require.Greater(t, taken, 6)
	require.Greater(t, refused, 3)
}

func quotedOnce(t *testing.T, text string) string {
	t.Helper()
	raw, err := vm.Marshal(text)
	require.NoError(t, err)
	return string(raw)
}

func TestAnActionAtTheLimitIsTakenAndOnePastItIsNot(t *testing.T) {
	f := newFixture(t)
	f.bank[owner.String()] = sdk.NewCoins(sdk.NewInt64Coin("ubld", 1<<60))
	server := NewMsgServer(f.Keeper)
	message := func(size int) *types.MsgDeliverInbound {
		return &types.MsgDeliverInbound{Messages: []string{strings.Repeat("<", size)}, Nums: []uint64{1}, Submitter: owner}
	}
	around, err := recordOf(f.inTx(), deliverInboundOf(f.ctx, message(0)), strings.Repeat("0", 64), 2)
	require.NoError(t, err)
	most := MaxActionBytes - vm.QuotedBytes(around, quotingsOfAction)
	_, err = server.DeliverInbound(f.inTx(), message(most))
	require.NoError(t, err)
	_, err = server.DeliverInbound(f.inTx(), message(most+1))
	require.ErrorIs(t, err, sdkerrors.ErrTxTooLarge)
	require.EqualError(t, err, "the action is too large for the kernel: 33553921 bytes as it quotes it, of at most 33553920 (maxActionBytes): tx too large")
	for _, checking := range []bool{true, false} {
		ctx := f.inTx().WithIsCheckTx(checking)
		require.NoError(t, f.Admit(ctx, []sdk.Msg{message(most)}))
		require.ErrorContains(t, f.Admit(ctx, []sdk.Msg{message(most + 1)}), "(maxActionBytes)")
	}
}

func TestABundleThatIsNotUTF8IsRefused(t *testing.T) {
	f := newFixture(t)
	msg, err := (&types.MsgInstallBundle{Bundle: "{\"a\":\"\xff\"}", Submitter: owner}).Compressed()
	require.NoError(t, err)
	_, err = NewMsgServer(f.Keeper).InstallBundle(f.inTx(), msg)
	require.ErrorIs(t, err, sdkerrors.ErrInvalidRequest)
	require.ErrorContains(t, err, "the bundle is not UTF-8")
}

// The downcalls of every module refuse what does not fit into a frame, so
// everything stored can be read.
func TestNothingIsStoredThatTheKernelCouldNotRead(t *testing.T) {
	f := newFixture(t)
	long := strings.Repeat("\x00", vm.MaxTextBytes/6)
	set := f.vstorage.Downcalls()["vstorage.Append"]
	_, err := set(f.ctx, []json.RawMessage{json.RawMessage(`["s",` + quotedOnce(t, long) + `]`)})
	require.ErrorContains(t, err, `value at path "s" is too large: `)
	require.ErrorContains(t, err, `of at most 67107840 (maxTextBytes)`)
	_, err = f.frameOf(t, "s")
	require.NoError(t, err)
}
