package capdata

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// encodings are the marks of the two encodings before a body.
var encodings = map[string]string{"smallcaps": "#", "legacy": ""}

// shown are transformations whose results say what they were given.
var shown = Transformations{
	Bigint:    func(digits string) any { return "bigint:" + digits },
	Remotable: func(slot any, iface string) any { return fmt.Sprintf("remotable:%s{%v}", iface, slot) },
}

func decode(t *testing.T, body string, slots []any, with Transformations) (string, error) {
	t.Helper()
	if slots == nil {
		slots = []any{}
	}
	text, err := json.Marshal(map[string]any{"body": body, "slots": slots})
	require.NoError(t, err)
	value, err := Decode(string(text), with)
	if err != nil {
		return "", err
	}
	result, err := json.Marshal(value)
	require.NoError(t, err)
	return string(result), nil
}

func TestJSONIsItselfInBothEncodings(t *testing.T) {
	for _, body := range []string{`[1, 2]`, `{ "foo": 1 }`, `{}`, `{ "a": 1, "b": 2 }`, `{ "a": 1, "b": { "c": 3 } }`, `true`, `1`, `"abc"`, `null`, `""`, `[]`, `-0.5e3`} {
		for name, mark := range encodings {
			got, err := decode(t, mark+body, nil, Transformations{})
			require.NoError(t, err, "%s %s", name, body)
			require.JSONEq(t, body, got, "%s %s", name, body)
		}
	}
}

func TestWhatJSONLacksIsTransformed(t *testing.T) {
	for body, want := range map[string]string{
		`#"+98765432101234567890"`: `"bigint:98765432101234567890"`,
		`#"-7"`:                    `"bigint:-7"`,
		`#"+0"`:                    `"bigint:0"`,
		`{"@qclass":"bigint","digits":"98765432101234567890"}`: `"bigint:98765432101234567890"`,
		`#["$0.Foo", "$0"]`:       `["remotable:Foo{a}","remotable:Foo{a}"]`,
		`#["$0", "$0.Foo"]`:       `["remotable:Foo{a}","remotable:Foo{a}"]`,
		`#"$0"`:                   `"remotable:{a}"`,
		`#{"a":{"b":["$0.x.y"]}}`: `{"a":{"b":["remotable:x.y{a}"]}}`,
		`[{"@qclass":"slot","index":0,"iface":"Foo"}, {"@qclass":"slot","index":0}]`: `["remotable:Foo{a}","remotable:Foo{a}"]`,
		`#"!#escaped"`:     `"#escaped"`,
		`#{"!#tag":"!+1"}`: `{"#tag":"+1"}`,
		`#"~text"`:         `"~text"`,
	} {
		got, err := decode(t, body, []any{"a"}, shown)
		assert.NoError(t, err, body)
		assert.Equal(t, want, got, body)
	}
}

func TestRefusals(t *testing.T) {
	refusals := map[string][]string{
		"not implemented": {
			`#"#undefined"`, `#"#NaN"`, `#"#Infinity"`, `#"#-Infinity"`, `#"%foo"`, `#"&0"`,
			`{"@qclass":"undefined"}`, `{"@qclass":"NaN"}`, `{"@qclass":"Infinity"}`, `{"@qclass":"-Infinity"}`,
			`{"@qclass":"symbol"}`, `{"@qclass":"tagged","tag":"foo","payload":"bar"}`,
			`{"@qclass":"error","message":"foo","name":"bar"}`, `{"@qclass":"hilbert","original":"foo"}`,
		},
		"not implemented: #tag":   {`#{"#tag":"foo","payload":"bar"}`},
		"not implemented: #error": {`#{"#error":"","name":"Error"}`},
		"iface mismatch": {
			`#["$0.Foo", "$0."]`, `[{"@qclass":"slot","index":0,"iface":"Foo"}, {"@qclass":"slot","index":0,"iface":""}]`,
		},
		"invalid slot index": {
			`#"$1.Foo"`, `#"$x.Foo"`, `#"$-1"`, `#"$"`, `#"$99999999999999999999"`, `{"@qclass":"slot","index":1}`, `{"@qclass":"slot"}`,
			`{"@qclass":"slot","index":null}`, `{"@qclass":"slot","index":"0"}`, `{"@qclass":"slot","index":0.1}`,
			`{"@qclass":"slot","index":-1}`, `{"@qclass":"slot","index":1e300}`,
		},
		"invalid slot iface":                {`{"@qclass":"slot","index":0,"iface":0}`},
		"unrecognized record type":          {`#{"#foo":0}`},
		"invalid @qclass":                   {`{"@qclass":null}`, `{"@qclass":1}`},
		"unrecognized @qclass":              {`{"@qclass":"foo"}`},
		"invalid copyRecord key":            {`#{"+0":0}`, `#{"$0":0}`},
		"invalid smallcaps encoding prefix": {`#"(x"`},
		"invalid bigint": {
			`#"--"`, `#"+0x"`, `#"+"`, `#"+007"`, `{"@qclass":"bigint"}`, `{"@qclass":"bigint","digits":null}`, `{"@qclass":"bigint","digits":"7up"}`,
		},
	}
	for want, bodies := range refusals {
		for _, body := range bodies {
			_, err := decode(t, body, []any{"a"}, shown)
			assert.ErrorContains(t, err, want, body)
		}
	}
	for want, bodies := range map[string][]string{
		"untransformed bigint":    {`#"+98765432101234567890"`, `{"@qclass":"bigint","digits":"98765432101234567890"}`},
		"untransformed remotable": {`#["$0.Foo", "$0"]`, `[{"@qclass":"slot","index":0,"iface":"Foo"}, {"@qclass":"slot","index":0}]`},
	} {
		for _, body := range bodies {
			_, err := decode(t, body, []any{"a"}, Transformations{})
			assert.ErrorContains(t, err, want, body)
		}
	}
	for _, text := range []string{``, `x`, `7`, `{}`, `{"body":"","slots":[]}`, `{"body":"true"}`, `{"body":"true","slots":null}`, `{"body":1,"slots":[]}`, `{"body":"#","slots":[]}`, `{"body":"{","slots":[]}`} {
		_, err := Decode(text, shown)
		assert.Error(t, err, text)
	}
}
