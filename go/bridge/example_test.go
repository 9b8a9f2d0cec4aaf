package bridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
)

// greet is the same whether Node.js is another process (split.Run) or hosts
// this program (inproc.Serve).
func greet(ctx context.Context, b bridge.Bridge, _ json.RawMessage) (exitCode int, err error) {
	greeting, err := b.Call(ctx, "js.Greet", json.RawMessage(`"Hello"`))
	var remote *bridge.RemoteError
	if errors.As(err, &remote) {
		return 1, fmt.Errorf("JavaScript threw: %w", err)
	}
	if err != nil {
		return 1, err
	}
	fmt.Printf("%s\n", greeting)
	return 0, nil
}

// A program, on a bridge to a peer that Go plays here.
func ExampleProgram() {
	in, theirOut, _ := os.Pipe()
	theirIn, out, _ := os.Pipe()
	peer := split.New(theirIn, theirOut, bridge.Options{Handlers: map[string]bridge.Handler{
		"js.Greet": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			return json.RawMessage(`"Hello, Gopher!"`), nil
		},
	}})
	b := split.New(in, out, bridge.Options{})
	fmt.Println(greet(context.Background(), b, nil))

	_ = peer.Close()
	<-b.Closed()
	fmt.Println(greet(context.Background(), b, nil))
	// Output:
	// "Hello, Gopher!"
	// 0 <nil>
	// 1 bridge closed by the peer
}
