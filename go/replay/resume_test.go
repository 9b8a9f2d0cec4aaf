package replay

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

func upcall(method string, height int) *Exchange {
	return &Exchange{Line: 9, Method: method, Params: []json.RawMessage{fmt.Appendf(nil, `{"blockHeight":%d,"blockTime":5,"params":{"x":1}}`, height)}}
}

func TestAReplayBeginsAtTheFirstBlockThatTheStoreLacks(t *testing.T) {
	r := resumption{from: 8, init: &Exchange{Method: vm.MethodInit, Params: []json.RawMessage{
		json.RawMessage(`{"blockHeight":1,"blockTime":1,"isBootstrap":true,"params":{},"chainID":"c","upgradeDetails":{}}`),
	}}}
	for _, c := range []struct {
		method string
		height int
		skips  bool
		err    string
	}{
		{vm.MethodBeginBlock, 7, true, ""},
		{vm.MethodAfterCommitBlock, 7, true, ""},
		{vm.MethodBeginBlock, 8, false, ""},
		{vm.MethodEndBlock, 8, false, "the trace has no beginning of block 8: after it comes swingset.EndBlock of block 8, line 9: name a home directory of block 8 or later"},
		{vm.MethodBeginBlock, 20, false, "the kernel's store is at block 7, and the trace has no beginning of block 8: after it comes swingset.BeginBlock of block 20, line 9: name a home directory of block 19 or later"},
	} {
		skips, err := r.skips(upcall(c.method, c.height))
		require.Equal(t, c.skips, skips, c)
		if c.err == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, c.err)
		}
	}
	params, err := r.atStart(upcall(vm.MethodBeginBlock, 8))
	require.NoError(t, err)
	require.JSONEq(t, `{"blockHeight":8,"blockTime":5,"isBootstrap":false,"params":{"x":1},"chainID":"c"}`, string(params[0]))
}

func TestTheBlockInWhichARecordEndsIsComparedUpToThere(t *testing.T) {
	for name, c := range map[string]struct {
		calls [][2]string
		err   error
		want  *Difference
	}{
		"the kernel goes on":   {[][2]string{{"vstorage.Get", `["a"]`}, {"vstorage.Set", sameSet}}, ErrBeyond, nil},
		"the kernel returns":   {[][2]string{{"vstorage.Get", `["a"]`}}, nil, nil},
		"the kernel differs":   {[][2]string{{"vstorage.Get", `["b"]`}}, nil, &Difference{Expected: `vstorage.Get "a"`, Came: `vstorage.Get "b"`}},
		"the kernel does less": {nil, nil, &Difference{Expected: `vstorage.Get "a"`}},
	} {
		t.Run(name, func(t *testing.T) {
			cut := strings.Join(strings.SplitAfter(block, "\n")[:3], "")
			err := playRecord(t, handshake+cut, func(ctx context.Context, b bridge.Bridge) (json.RawMessage, error) {
				for _, each := range c.calls {
					_, _ = call(ctx, t, b, each[0], each[1])
				}
				return json.RawMessage("null"), nil
			})
			if c.want == nil {
				require.ErrorIs(t, err, c.err)
				return
			}
			var d *Difference
			require.ErrorAs(t, err, &d)
			require.Equal(t, [2]string{c.want.Expected, c.want.Came}, [2]string{d.Expected, d.Came})
		})
	}
}
