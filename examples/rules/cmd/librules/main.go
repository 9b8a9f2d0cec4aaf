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

func init() { inproc.ServeEach(start) }

func main() {} // never runs

// start makes the program of one bridge. config is the command line.
func start(config json.RawMessage) (bridge.Options, bridge.Program, error) {
	var args []string
	if err := json.Unmarshal(config, &args); err != nil {
		return bridge.Options{}, nil, err
	}
	o, err := service.ParseOptions(args, "")
	if err != nil {
		return bridge.Options{}, nil, err
	}
	orders, err := service.New(o)
	if err != nil {
		return bridge.Options{}, nil, err
	}
	options := bridge.Options{PeerName: "node", Software: service.Software, Handlers: orders.Handlers()}
	return options, func(_ context.Context, b bridge.Bridge, _ json.RawMessage) (exitCode int, err error) {
		// Node, to which the process's signals belong, sends service.Stop.
		if err := orders.Run(context.Background(), b, os.Stdout); err != nil {
			return 1, err
		}
		return 0, nil
	}, nil
}
