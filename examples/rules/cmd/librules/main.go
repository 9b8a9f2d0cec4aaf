// Librules is the service as a C library, for `rules serve` in one process:
// Node loads it. Built with -buildmode=c-shared.
package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/agd-bridge/agd-bridge/examples/rules/internal/service"
	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/inproc"
)

func init() { inproc.Serve(run) }

func main() {} // never runs

// run is the program of one bridge. config is the command line; Node, to which
// the process's signals belong, sends service.Stop.
func run(_ context.Context, b bridge.Bridge, config json.RawMessage) (exitCode int, err error) {
	var args []string
	if err := json.Unmarshal(config, &args); err != nil {
		return 1, err
	}
	o, err := service.ParseOptions(args, "")
	if err != nil {
		return 1, err
	}
	if err := service.Run(context.Background(), b, o, os.Stdout); err != nil {
		return 1, err
	}
	return 0, nil
}
