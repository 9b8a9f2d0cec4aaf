// Hello has one function in each language, which the other language calls.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/inproc"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
)

var options = bridge.Options{Software: "hello 1.0.0", Handlers: map[string]bridge.Handler{"go.Name": func(context.Context, []json.RawMessage) (json.RawMessage, error) { return json.Marshal("Gopher") }}}

// As a library, in Node.js.
func init() { inproc.Serve(options, greet) }

// As a program, beside Node.js. With the path of the library, becomes Node.js.
func main() {
	node := exec.Command("node", "main.mjs")
	if len(os.Args) > 1 {
		log.Fatal(inproc.Exec(node, os.Args[1]))
	}
	if _, err := split.Run(context.Background(), node, split.Options{Options: options}, greet); err != nil {
		log.Fatal(err)
	}
}

// greet is the same in both modes.
func greet(ctx context.Context, b bridge.Bridge, _ json.RawMessage) (exitCode int, err error) {
	greeting, err := b.Call(ctx, "js.Greet", json.RawMessage(`"Hello"`))
	if err != nil {
		return 1, err
	}
	fmt.Printf("%s\n", greeting)
	return 0, nil
}
