package kernelstore

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/internal/kerneltest"
)

type fixture struct {
	Store
	ctx sdk.Context
	key *storetypes.KVStoreKey
}

// newFixture returns a store inside a module's store that has other entries
// around it.
func newFixture(t *testing.T) fixture {
	t.Helper()
	key := storetypes.NewKVStoreKey("swingset")
	ctx := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("transient"))
	for _, other := range []string{"kernelStore", "kernelStore-", "kernelStore/", "params", "swingStore."} {
		ctx.KVStore(key).Set([]byte(other), []byte("other"))
	}
	return fixture{New(runtime.NewKVStoreService(key)), ctx, key}
}

func (f fixture) set(t *testing.T, entries ...string) {
	t.Helper()
	var changes []Change
	for i := 0; i < len(entries); i += 2 {
		changes = append(changes, Change{entries[i], &entries[i+1]})
	}
	require.NoError(t, f.Apply(f.ctx, changes))
}

// walked returns all entries, key after key.
func (f fixture) walked(t *testing.T) []string {
	t.Helper()
	var all []string
	require.NoError(t, f.Walk(f.ctx, func(key, value string) { all = append(all, key, value) }))
	return all
}

func TestValuesAreReadAsTheyWereWritten(t *testing.T) {
	f := newFixture(t)
	for _, text := range []string{"", "a", "\x00", `"\`, "\u2028", "<&>", "ü", "\uffff", "𝒳"} {
		f.set(t, "k"+text, text)
		value, found, err := f.Get(f.ctx, "k"+text)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, text, value)
	}
	_, found, err := f.Get(f.ctx, "absent")
	require.NoError(t, err)
	require.False(t, found)
}

func TestTheEmptyKeyIsAKey(t *testing.T) {
	f := newFixture(t)
	has, err := f.Has(f.ctx, "")
	require.NoError(t, err)
	require.False(t, has)
	f.set(t, "", "value")
	has, err = f.Has(f.ctx, "")
	require.NoError(t, err)
	require.True(t, has)
	require.Equal(t, []string{"", "value"}, f.walked(t))
	_, found, err := f.NextKey(f.ctx, "")
	require.NoError(t, err)
	require.False(t, found, "it is before all others")
}

// JavaScript's own order puts "𝒳" (two surrogates) before "\uffff".
func TestKeysAreInTheOrderOfTheirBytes(t *testing.T) {
	f := newFixture(t)
	keys := []string{"", "\x00", "\x00\x00", "\x01", "a", "a\x00", "a.", "aa", "b", "ü", "\uffff", "𝒳"}
	for _, i := range []int{5, 3, 11, 0, 8, 1, 10, 2, 9, 4, 7, 6} {
		f.set(t, keys[i], "")
	}
	var walked []string
	require.NoError(t, f.Walk(f.ctx, func(key, _ string) { walked = append(walked, key) }))
	require.Equal(t, keys, walked)
	for i, key := range keys {
		next, found, err := f.NextKey(f.ctx, key)
		require.NoError(t, err)
		require.Equal(t, i+1 < len(keys), found)
		if found {
			require.Equal(t, keys[i+1], next)
		}
	}
	next, _, err := f.NextKey(f.ctx, "aZ")
	require.NoError(t, err)
	require.Equal(t, "aa", next, "a key without a value has a next one too")
}

// SQLite, the kernel's own store, walks the same keys in the same order.
func TestTheOrderIsThatOfTheKernelsOwnStore(t *testing.T) {
	f := newFixture(t)
	keys := []string{"\U0001d4b3", "\uffff", "", "\x00", "a\x00", "a", "a.", "ab", "Z", "ü", "~", "\x7f", "\u2028"}
	input, err := json.Marshal(keys)
	require.NoError(t, err)
	output := kerneltest.Run(t, `
		import { readFileSync } from 'node:fs';
		import { initSwingStore } from '@agoric/swing-store';
		const { kvStore } = initSwingStore().kernelStorage;
		for (const key of JSON.parse(readFileSync(0, 'utf8'))) kvStore.set(key, '');
		const walked = kvStore.has('') ? [''] : [];
		for (let key = ''; (key = kvStore.getNextKey(key)) !== undefined;) walked.push(key);
		console.log(JSON.stringify(walked));
	`, string(input))
	var theirs, ours []string
	require.NoError(t, json.Unmarshal([]byte(output), &theirs))
	for _, key := range keys {
		f.set(t, key, "")
	}
	require.NoError(t, f.Walk(f.ctx, func(key, _ string) { ours = append(ours, key) }))
	require.Equal(t, theirs, ours)
}

func TestTheModulesOwnEntriesAreNotTheKernels(t *testing.T) {
	f := newFixture(t)
	require.Empty(t, f.walked(t))
	f.set(t, "~", "last")
	next, found, err := f.NextKey(f.ctx, "a")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "~", next)
	_, found, err = f.NextKey(f.ctx, "~")
	require.NoError(t, err)
	require.False(t, found)
	require.Equal(t, "other", string(f.ctx.KVStore(f.key).Get([]byte("params"))))
}

func TestChangesAreMadeInTheirOrder(t *testing.T) {
	f := newFixture(t)
	one, two := "1", "2"
	require.NoError(t, f.Apply(f.ctx, []Change{{"a", &one}, {"b", &one}, {"a", nil}, {"b", &two}, {"absent", nil}}))
	require.Equal(t, []string{"b", "2"}, f.walked(t))
}

func TestNothingIsWrittenOfRefusedChanges(t *testing.T) {
	f := newFixture(t)
	value, long := "1", strings.Repeat("v", MaxValueBytes+1)
	require.EqualError(t, f.Apply(f.ctx, []Change{{"a", &value}, {"b", &long}}),
		"kernelStore: a value of 8388609 bytes; there may be 8388608")
	require.EqualError(t, f.Apply(f.ctx, []Change{{"a", &value}, {strings.Repeat("k", MaxKeyBytes+1), nil}}),
		"kernelStore: a key of 32769 bytes; there may be 32768")
	require.Empty(t, f.walked(t))
	longest := long[:MaxValueBytes]
	require.NoError(t, f.Apply(f.ctx, []Change{{strings.Repeat("k", MaxKeyBytes), &longest}}))
}

func TestASealedBlockCanOnlyBeRead(t *testing.T) {
	f := newFixture(t)
	f.set(t, "a", "1")
	sealed := Seal(f.ctx)
	value, _, err := f.Get(sealed, "a")
	require.NoError(t, err)
	require.Equal(t, "1", value)
	require.EqualError(t, f.Apply(sealed, []Change{{"a", nil}}), "kernelStore: nothing can be written after END_BLOCK")
	require.Equal(t, []string{"a", "1"}, f.walked(t))
}

func TestDowncalls(t *testing.T) {
	f := newFixture(t)
	calls := f.Downcalls()
	for _, step := range []struct{ method, params, result, err string }{
		{"Get", `["a"]`, `null`, ""},
		{"Has", `["a"]`, `false`, ""},
		{"GetNextKey", `[""]`, `null`, ""},
		{"Apply", `[]`, `true`, ""},
		{"Apply", `[["a","<\u0000\"\\\ud835\udcb3>"], [ "\u00fc" , "" ],["c","1"],["c",null]]`, `true`, ""},
		{"Get", `["a"]`, `"<\u0000\"\\𝒳>"`, ""},
		{"Get", `["ü"]`, `""`, ""},
		{"Has", `["ü"]`, `true`, ""},
		{"Get", `["c"]`, `null`, ""},
		{"GetNextKey", `["a"]`, `"ü"`, ""},
		{"Get", `[]`, "", "kernelStore.Get: params: expected 1 element"},
		{"Apply", `[["a"]]`, "", "kernelStore.Apply: params[0]: expected 2 elements"},
		{"Get", `["\ud835"]`, "", "params[0]: expected a string without lone surrogates"},
		{"Apply", `[["x","1"],["a","\udcb3\ud835"]]`, "", "params[1]: expected a string without lone surrogates"},
		{"Apply", `[["a\ud835",null]]`, "", "params[0]: expected a string without lone surrogates"},
		{"Has", `["x"]`, `false`, ""},
		{"Has", `["\\ud835"]`, `false`, ""},
		{"Has", `["�"]`, `false`, ""},
	} {
		var params []json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(step.params), &params))
		call, err := vm.Checked("kernelStore."+step.method, calls["kernelStore."+step.method])
		require.NoError(t, err)
		result, err := call(f.ctx, params)
		if step.err != "" {
			require.EqualError(t, err, step.err, "%s %s", step.method, step.params)
			continue
		}
		require.NoError(t, err, "%s %s", step.method, step.params)
		require.Equal(t, step.result, string(result), "%s %s", step.method, step.params)
	}
}

// Every JSON parser must read back what is written.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "a", "\"\\/\b\f\n\r\t\x00\x1f\x7f", "\u2028𝒳�", `\ud800`, `\\ud800`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?")
		raw := textOf(text)
		var read string
		require.NoError(t, json.Unmarshal(raw, &read))
		require.Equal(t, text, read)
		parsed, err := parseText(raw)
		require.NoError(t, err)
		require.Equal(t, text, parsed)
		escaped, err := json.Marshal(text)
		require.NoError(t, err)
		parsed, err = parseText(escaped)
		require.NoError(t, err)
		require.Equal(t, text, parsed)
	})
}

func TestLoneSurrogatesAreFound(t *testing.T) {
	for raw, lone := range map[string]bool{
		`"\ud83d\ude00"`:         false,
		`"\uD83D\uDE00"`:         false,
		`"\\ud83d"`:              false,
		`"\ud83d"`:               true,
		`"\ude00"`:               true,
		`"\ude00\ud83d"`:         true,
		`"\ud83d\ud83d\ude00"`:   true,
		`"\ud83dx\ude00"`:        true,
		`"\ud83d\n"`:             true,
		`"\ufffd"`:               false,
		`"\ud83d\ude00\ufffd"`:   false,
		`"\n\ud83d\ude00\ud83d"`: true,
	} {
		require.Equal(t, lone, hasLoneSurrogate(json.RawMessage(raw)), raw)
	}
}

// The prefix neither equals nor begins another one of x/swingset.
func TestThePrefixIsItsOwn(t *testing.T) {
	for _, other := range []string{"params", "state", "swingStore."} {
		require.False(t, strings.HasPrefix(other, string(prefix)) || strings.HasPrefix(string(prefix), other))
	}
	require.True(t, slices.IsSorted([]string{"kernelStore-", string(prefix), "kernelStore/"}))
}
