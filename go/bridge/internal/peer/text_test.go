package peer_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/checked"
)

// forged is a text that is not JSON: what is trusted is sent as it is.
var forged = checked.Trust(json.RawMessage(`{forged`), 0)

func TestATextIsSentWithoutACheck(t *testing.T) {
	p, w := alone(t, bridge.Options{})
	go func() { _, _ = p.CallText(context.Background(), "m", forged) }()
	if got := <-w.sent; got != `{"id":1,"method":"m","params":[{forged]}` {
		t.Errorf("sent %s", got)
	}
}

func TestATextDeeperThanTheLimitIsChecked(t *testing.T) {
	p, _ := alone(t, bridge.Options{Limits: bridge.Limits{MaxNesting: 4}})
	deep := checked.Trust(json.RawMessage(`[[[1]]]`), 3)
	_, err := p.CallText(context.Background(), "m", deep)
	if want := "params[0]: byte 2: expected at most 4 levels of nesting (maxNesting)"; err == nil || err.Error() != want {
		t.Errorf("the error %v, want %s", err, want)
	}
}

func TestATextHandlersResultIsSentWithoutACheck(t *testing.T) {
	handlers := map[string]bridge.Handler{
		"forged": bridge.TextHandler(func(context.Context, []bridge.Text) (bridge.Text, error) { return forged, nil }).Handler(),
		"param": bridge.TextHandler(func(_ context.Context, params []bridge.Text) (bridge.Text, error) {
			if params[0].Depth() == checked.Unknown {
				t.Error("a param is not trusted")
			}
			return params[0], nil
		}).Handler(),
	}
	// What a wrapper puts in its place is checked.
	handlers["wrapped"] = func(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
		result, err := handlers["forged"](ctx, params)
		return json.RawMessage(strings.Clone(string(result))), err
	}
	p, w := alone(t, bridge.Options{Handlers: handlers})
	for _, c := range []struct{ method, want string }{
		{"forged", `{"id":7,"result":{forged,"error":null}`},
		{"param", `{"id":7,"result":[1],"error":null}`},
		{"wrapped", `{"id":7,"result":null,"error":"result: byte 1: expected a member name"}`},
	} {
		p.Receive([]byte(`{"id":7,"method":"` + c.method + `","params":[[1]]}`))
		if got := <-w.sent; got != c.want {
			t.Errorf("%s: %s, want %s", c.method, got, c.want)
		}
	}
}
