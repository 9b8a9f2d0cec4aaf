package keeper

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

// The results are the texts of Agoric's chain: the kernel compares texts.
func TestDowncalls(t *testing.T) {
	k, ctx := newKeeper(t)
	calls := k.Downcalls()
	for _, step := range []struct{ method, params, result, err string }{
		{"Get", `["a"]`, `null`, ""},
		{"Has", `["a"]`, `false`, ""},
		{"Size", `["a"]`, `0`, ""},
		{"Children", `["a"]`, `[]`, ""},
		{"Entries", `["a"]`, `[]`, ""},
		{"Values", `["a"]`, `[]`, ""},
		{"Set", `[["a","<1>"],["a.c","2"]]`, `true`, ""},
		{"SetWithoutNotify", `[["a.b.d","3"]]`, `true`, ""},
		{"LegacySet", `[]`, `true`, ""},
		{"Get", `["a"]`, `"<1>"`, ""},
		{"Get", `["a.b"]`, `null`, ""},
		{"Has", `["a.c"]`, `true`, ""},
		{"Has", `["a.b"]`, `false`, ""},
		{"Size", `["a"]`, `2`, ""},
		{"Children", `["a"]`, `["b","c"]`, ""},
		{"Keys", `["a"]`, `["b","c"]`, ""},
		{"Entries", `["a"]`, `[["b"],["c","2"]]`, ""},
		{"Values", `["a"]`, `[null,"2"]`, ""},
		{"LegacySet", `[["a.c",null],["a.b.d"]]`, `true`, ""},
		{"Children", `["a"]`, `[]`, ""},
		{"Append", `[["s","x"],["s","y"]]`, `true`, ""},
		{"Get", `["s"]`, `"{\"blockHeight\":\"7\",\"values\":[\"x\",\"y\"]}"`, ""},
		{"GetStoreKey", `["a.b"]`, `{"storeName":"vstorage","storeSubkey":"2\u0000a\u0000b","dataPrefixBytes":"\u0000","noDataValue":"\ufffd"}`, ""},
		{"Get", `[]`, "", "vstorage.Get: params: expected 1 element"},
		{"GetStoreKey", `["a."]`, "", `path "a." ends with separator`},
		{"Append", `[["s"]]`, "", "vstorage.Append: params[0]: expected 2 elements"},
		{"Set", `[["unset","1"],["bad path","2"]]`, "", `path "bad path" contains invalid characters`},
		{"Has", `["unset"]`, `false`, ""},
	} {
		var params []json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(step.params), &params))
		call, err := vm.Checked("vstorage."+step.method, calls["vstorage."+step.method])
		require.NoError(t, err)
		result, err := call(ctx, params)
		if step.err != "" {
			require.EqualError(t, err, step.err, step.method)
			continue
		}
		require.NoError(t, err, step.method)
		require.Equal(t, step.result, string(result), "%s %s", step.method, step.params)
	}
}
