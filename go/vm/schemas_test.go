package vm

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// vector is a line of test/vectors/schemas.json, which agvm's tests read too.
type vector struct {
	Method string
	Side   string // params or result
	Value  json.RawMessage
	// Text stands for Value where a JSON parser would change it.
	Text    string
	Message *string
}

func vectors(t testing.TB) []vector {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "test", "vectors", "schemas.json"))
	require.NoError(t, err)
	var vectors []vector
	require.NoError(t, json.Unmarshal(text, &vectors))
	for i, v := range vectors {
		if v.Text != "" {
			vectors[i].Value = json.RawMessage(v.Text)
		}
	}
	return vectors
}

func checkOf(t *testing.T, v vector) error {
	t.Helper()
	require.Contains(t, methods, v.Method)
	if v.Side == "result" {
		return methods[v.Method].checkResult(v.Value)
	}
	var params []json.RawMessage
	require.NoError(t, json.Unmarshal(v.Value, &params))
	return methods[v.Method].checkParams(params)
}

func TestVectors(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range vectors(t) {
		t.Run(v.Method+" "+v.Side, func(t *testing.T) {
			err := checkOf(t, v)
			if v.Message == nil {
				require.NoError(t, err, "%s", v.Value)
				seen[v.Method+" "+v.Side] = true
			} else {
				require.EqualError(t, err, *v.Message, "%s", v.Value)
			}
		})
	}
	for name := range methods {
		require.True(t, seen[name+" params"] && seen[name+" result"], "%s has an example", name)
	}
}

// The schemas that are checked by the first bytes of values.
func TestPlainSchemas(t *testing.T) {
	text, textOrNull := plain{first: `"`}, plain{first: `"n`}
	for name, want := range map[string]plain{
		"vstorage.Get":      text,
		"kernelStore.Get":   text,
		"kernelStore.Apply": {elements: []plain{text, textOrNull}},
		"vstorage.Set":      {},
		"vbank.GetBalance":  {},
		"vibc.Send":         {},
	} {
		s := methods[name].schemas()
		element := s.params.Items2020
		if element == nil {
			element = s.params.PrefixItems[0]
		}
		require.Equal(t, want, s.plain[element], "params of %s", name)
	}
	for name, want := range map[string]plain{
		"vstorage.Get":      textOrNull,
		"vstorage.Has":      {first: "tf"},
		"vstorage.Set":      {first: "t"},
		"swingset.EndBlock": {first: "n"},
		"vstorage.Size":     {},
		"vbank.GetBalance":  {},
		"vstorage.Children": {},
	} {
		s := methods[name].schemas()
		require.Equal(t, want, s.plain[s.result], "result of %s", name)
	}
}

func TestElements(t *testing.T) {
	for raw, want := range map[string][]string{
		`[]`:                         {},
		`[ ]`:                        {},
		`["a"]`:                      {`"a"`},
		`["a\\","\",[",null]`:        {`"a\\"`, `"\",["`, `null`},
		"[ 1e400 ,\n\ttrue , \"\" ]": {`1e400`, `true`, `""`},
		`[[]]`:                       nil,
		`["a",{}]`:                   nil,
		`"a"`:                        nil,
		`{"a":1}`:                    nil,
		`null`:                       nil,
		`["a`:                        nil,
	} {
		elements, flat := Elements(json.RawMessage(raw))
		require.Equal(t, want != nil, flat, raw)
		var texts []string
		for _, element := range elements {
			texts = append(texts, string(element))
		}
		require.ElementsMatch(t, want, texts, raw)
	}
}

func TestTheBlockActionsAreThoseOfTheTable(t *testing.T) {
	require.ElementsMatch(t, BlockActions, []string{
		MethodInit, MethodBeginBlock, MethodEndBlock, MethodCommitBlock, MethodAfterCommitBlock,
	})
	for name, m := range methods {
		if m.Direction == "downcall" {
			require.True(t, m.Block, "%s reads or writes a block's state", name)
		}
	}
}

func TestACheckedDowncallIsAMethodOfTheTable(t *testing.T) {
	answer := func(context.Context, []json.RawMessage) (json.RawMessage, error) { return nil, nil }
	for _, name := range []string{"vbank.Mint", MethodEndBlock} {
		_, err := Checked(name, answer)
		require.EqualError(t, err, `no downcall "`+name+`" in methods.json`)
	}
}

func BenchmarkCheck(b *testing.B) {
	entries := make([]json.RawMessage, 100)
	for i := range entries {
		entries[i] = json.RawMessage(`["swingStore.kv.v1.c.o-50","{\"body\":\"#\\\"$0.Alleged\\\"\",\"slots\":[\"ko22\"]}"]`)
	}
	for _, c := range []struct {
		name, method string
		params       []json.RawMessage
		result       string
	}{
		{"vstorage.Get", "vstorage.Get", []json.RawMessage{json.RawMessage(`"actionQueue.head"`)}, `"12"`},
		{"vbank.GetBalance", "vbank.GetBalance", []json.RawMessage{json.RawMessage(`{"address":"agoric1abc123","denom":"uist"}`)}, `"654321"`},
		{"kernelStore.Get", "kernelStore.Get", []json.RawMessage{json.RawMessage(`"v1.vs.vom.rc.o+d6/1"`)}, `"12"`},
		{"kernelStore.Apply", "kernelStore.Apply", []json.RawMessage{entries[0]}, `true`},
		{"100 entries", "swingset.SwingStoreUpdateExportData", entries, `true`},
	} {
		m := methods[c.method]
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if m.checkParams(c.params) != nil || m.checkResult(json.RawMessage(c.result)) != nil {
					b.Fatal("refused")
				}
			}
		})
	}
}
