package split_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
)

// Two ends of a bridge over two pipes, in one process.
func ExampleNew() {
	in, theirOut, _ := os.Pipe()
	theirIn, out, _ := os.Pipe()
	peer := split.New(theirIn, theirOut, bridge.Options{Handlers: map[string]bridge.Handler{
		"Double": func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
			var n int
			err := json.Unmarshal(params[0], &n)
			return json.RawMessage(fmt.Sprint(2 * n)), err
		},
	}})
	defer peer.Close()

	b := split.New(in, out, bridge.Options{PeerName: "double"})
	defer b.Close()
	result, err := b.Call(context.Background(), "Double", json.RawMessage("21"))
	fmt.Printf("%s %v\n", result, err)
	_, err = b.Call(context.Background(), "Triple", json.RawMessage("14"))
	fmt.Println(err)
	// Output:
	// 42 <nil>
	// unknown method "Triple"
}

// A Node.js program beside this one. examples/hello is complete.
func ExampleRun() {
	node := exec.Command("node", "main.mjs")
	exitCode, err := split.Run(context.Background(), node, split.Options{Options: bridge.Options{Software: "hello 1.0.0"}},
		func(ctx context.Context, b bridge.Bridge, _ json.RawMessage) (exitCode int, err error) {
			greeting, err := b.Call(ctx, "js.Greet", json.RawMessage(`"Hello"`))
			if err != nil {
				return 1, err
			}
			fmt.Printf("%s\n", greeting)
			return 0, nil
		})
	if err != nil {
		log.Print(err)
	}
	os.Exit(exitCode)
}

// A program that the caller starts, with descriptors under names of its own.
func ExampleAttach() {
	cmd := exec.Command("sh", "-c", `echo "reads from $IN, writes to $OUT"`)
	cmd.Stdout = os.Stdout
	attachment, err := split.Attach(cmd, split.Options{
		Variables: split.Variables{Read: "IN", Write: "OUT"},
		Memory:    split.MemoryNone,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer attachment.Close()
	if err := cmd.Start(); err != nil {
		log.Fatal(err)
	}
	b := attachment.Open()
	_ = cmd.Wait()
	<-b.Closed()
	fmt.Println(b.Err())
	// Output:
	// reads from 4, writes to 5
	// bridge closed by the peer
}
