package vm

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

func TestTextIsWrittenAsItIs(t *testing.T) {
	for text, want := range map[string]string{
		"<>&\u2028\u2029":          "\"<>&\u2028\u2029\"",
		`\u2028` + "\u2028":        `"\\u2028` + "\u2028\"",
		`\` + "\u2029" + `\\u2029`: `"\\` + "\u2029" + `\\\\u2029"`,
		"\"\n\x00\x7f":             `"\"\n\u0000` + "\x7f\"",
		"a\xff":                    `"a\ufffd"`,
	} {
		got, err := Marshal(text)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
		var back string
		require.NoError(t, json.Unmarshal(got, &back))
		require.Equal(t, strings.ToValidUTF8(text, "\ufffd"), back)
	}
	got, err := Marshal(struct{ A, B any }{map[string]string{"<": "\u2028"}, json.RawMessage(`{"x": "\u2029>"}`)})
	require.NoError(t, err)
	require.Equal(t, "{\"A\":{\"<\":\"\u2028\"},\"B\":{\"x\":\"\u2029>\"}}", string(got))
	_, err = Marshal(func() {})
	require.Error(t, err)
}

// quotable are texts whose bytes grow differently.
var quotable = []string{
	"a", "<", "\"", `\`, "\n", "\r", "\t", "\b", "\f", "\x00", "\x1f", "\x7f", "é", "\u2028", "\ufffd", "𝒳", "\xff", "\xed\xa0\x80",
}

func TestQuotedBytesAreCounted(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var text strings.Builder
		for range random.IntN(8) {
			text.WriteString(quotable[random.IntN(len(quotable))])
		}
		quoted := text.String()
		for times := 1; times <= 4; times++ {
			raw, err := Marshal(quoted)
			require.NoError(t, err)
			quoted = string(raw)
			require.Equal(t, len(quoted), QuotedBytes(text.String(), times), "%q, %d times", text.String(), times)
			require.True(t, Quotable(text.String(), times, len(quoted)))
			require.False(t, Quotable(text.String(), times, len(quoted)-1))
		}
	}
}

func TestALongTextFitsIntoTheDefaultFrame(t *testing.T) {
	require.Equal(t, bridge.DefaultLimits().MaxFrameBytes, LeastLimits().MaxFrameBytes)
	require.Less(t, MaxTextBytes, LeastLimits().MaxFrameBytes)
	controller := NewController(nil)
	controller.running = &running{ctx: t.Context()}
	answer := make(json.RawMessage, MaxTextBytes)
	handler := controller.handler("m", func(context.Context, []json.RawMessage) (json.RawMessage, error) { return answer, nil })
	_, err := handler(t.Context(), nil)
	require.NoError(t, err)
	answer = append(answer, 0)
	_, err = handler(t.Context(), nil)
	require.EqualError(t, err, "m: the answer has 67107841 bytes, of at most 67107840 (maxTextBytes)")
}
