package bridge_test

import (
	"context"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/checked"
)

type entry struct {
	Path  string
	Value *string
}

type tree struct{ Children []tree }

type spoken struct{ bytes []byte }

func (s spoken) MarshalJSON() ([]byte, error) { return s.bytes, nil }

func TestMarshalKnowsTheDepthOfTypes(t *testing.T) {
	long := strings.Repeat("x", 200)
	for name, c := range map[string]struct {
		value any
		depth int
	}{
		"string":    {long, 0},
		"bytes":     {[]byte(long), 1},
		"entries":   {[]entry{{Path: long}}, 2},
		"map":       {map[string][]*entry{long: nil}, 3},
		"big":       {new(big.Int).Exp(big.NewInt(10), big.NewInt(200), nil), checked.Unknown},
		"any":       {[]any{long}, checked.Unknown},
		"raw":       {json.RawMessage(`"` + long + `"`), checked.Unknown},
		"recursive": {tree{Children: make([]tree, 50)}, checked.Unknown},
		"short":     {[]any{1}, 1},
	} {
		text, err := bridge.Marshal(c.value)
		if err != nil {
			t.Fatal(name, err)
		}
		want, _ := json.Marshal(c.value)
		if text.String() != string(want) || text.Depth() != c.depth {
			t.Errorf("%s: %s at depth %d, want %s at %d", name, text, text.Depth(), want, c.depth)
		}
	}
}

func TestMarshalRefusesInvalidUTF8(t *testing.T) {
	if text, err := bridge.Marshal(spoken{[]byte("\"\xff\"")}); err == nil {
		t.Errorf("the text %q", text)
	}
}

func TestTheZeroTextIsNull(t *testing.T) {
	var text bridge.Text
	if marshalled, err := json.Marshal(text); err != nil || string(marshalled) != "null" || text.String() != "null" {
		t.Errorf("%s, %v, %s", marshalled, err, text)
	}
}

// Without a bridge, as in a test of a handler, nothing is trusted.
func TestATextHandlerWithoutABridge(t *testing.T) {
	handler := bridge.TextHandler(func(_ context.Context, params []bridge.Text) (bridge.Text, error) {
		if depth := params[0].Depth(); depth != checked.Unknown {
			t.Errorf("a param has the depth %d", depth)
		}
		return params[0], nil
	}).Handler()
	result, err := handler(context.Background(), []json.RawMessage{[]byte("[1]")})
	if err != nil || string(result) != "[1]" {
		t.Errorf("%s, %v", result, err)
	}
}
