package pretty

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDataAreShownAsPeopleReadThem(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"no data":       {"", ""},
		"text":          {"hello\nworld", "hello\nworld"},
		"a number":      {"12", "12"},
		"a JSON string": {`"a"`, `"a"`},
		"JSON keeps the order of its members, and its numbers": {
			`{"b":1.50,"a":[true,null,12345678901234567890]}`, `{ b: 1.50, a: [true, null, 12345678901234567890] }`},
		"JSON inside JSON":      {`{"x":"{\"y\":\"[1]\"}"}`, `{ x: { y: [1] } }`},
		"text that looks alike": {`{"x":"{no"}`, `{ x: "{no" }`},
		"no terminal obeys":     {"{\"x\":\"\\u001b[2K\u202e\"}", `{ x: "\x1b[2K\u202e" }`},
		"nor plain text":        {"a\x1b[2K", `a\x1b[2K`},
		"empty":                 {`{"x":{},"y":[]}`, `{ x: {}, y: [] }`},
		"a stream cell":         {`{"blockHeight":"7","values":["{\"a\":1}","text"]}`, "block 7:\n  { a: 1 }\n  text"},
		"a stream cell of CapData": {
			`{"blockHeight":"7","values":["{\"body\":\"#{\\\"amount\\\":\\\"+12\\\"}\",\"slots\":[]}"]}`, "block 7:\n  { amount: 12n }"},
		"smallcaps": {
			`{"body":"#{\"big\":\"+5\",\"less\":\"-5\",\"un\":\"#undefined\",\"nan\":\"#NaN\",\"text\":\"!#x\",\"sym\":\"%at\",\"plain\":\"-x\"}","slots":[]}`,
			"{\n  big: 5n,\n  less: -5n,\n  un: undefined,\n  nan: NaN,\n  text: \"#x\",\n  sym: Symbol(at),\n  plain: \"-x\",\n}"},
		"smallcaps' slots": {
			`{"body":"#[\"$0.Alleged: BLD brand\",\"$0\",\"&1\",\"$9\"]","slots":["board0257",null]}`,
			"[\n  <BLD brand board0257>,\n  <remotable board0257>,\n  <promise slot 1>,\n  <remotable slot 9>,\n]"},
		"smallcaps' errors and tags": {
			`{"body":"#[{\"#error\":\"no\",\"name\":\"TypeError\",\"errorId\":\"1\"},{\"#tag\":\"copySet\",\"payload\":[\"+1\"]}]","slots":[]}`,
			`[TypeError("no"), copySet [1n]]`},
		"qclass": {
			`{"body":"[{\"@qclass\":\"bigint\",\"digits\":\"5\"},{\"@qclass\":\"undefined\"},{\"@qclass\":\"slot\",\"iface\":\"Alleged: BLD brand\",\"index\":0},{\"@qclass\":\"slot\",\"index\":0}]","slots":["board02"]}`,
			"[5n, undefined, <BLD brand board02>, <slot board02>]"},
		"qclass' others": {
			`{"body":"[{\"@qclass\":\"error\",\"name\":\"Error\",\"message\":\"no\"},{\"@qclass\":\"tagged\",\"tag\":\"x\",\"payload\":1},{\"@qclass\":\"symbol\",\"name\":\"s\"},{\"@qclass\":\"hilbert\",\"original\":1}]","slots":[]}`,
			`[Error("no"), x 1, Symbol(s), { "@qclass": 1 }]`},
		"an unknown qclass, as it is": {`{"body":"{\"@qclass\":\"new\"}","slots":[]}`, `{ "@qclass": "new" }`},
		"no CapData":                  {`{"body":"#[","slots":[]}`, `{ body: "#[", slots: [] }`},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, Value(c.data)) })
	}
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	require.Equal(t, deep, Value(deep), "what is nested too deep is text")
	wide := Value(`{"list":["` + strings.Repeat("a", 70) + `","b"]}`)
	require.Equal(t, "{\n  list: [\n    \""+strings.Repeat("a", 70)+"\",\n    \"b\",\n  ],\n}", wide)
}
