// Command libbridgepeer is the Go side of the in-process tests: a library
// without Cosmos for packages/bridge-inproc, built with -buildmode=c-shared.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/bridgetest"
	"github.com/agd-bridge/agd-bridge/go/bridge/inproc"
)

func init() { inproc.ServeEach(start) }

func main() {} // never runs

// config is the config with which JavaScript opens a bridge.
type config struct {
	// Conformance selects the handlers of test/conformance instead of the
	// program's own.
	Conformance bool
	// Untraced is bridgetest.Config.Untraced.
	Untraced bool
	// Refuse, if set, is the error with which opening the bridge fails.
	Refuse string
	// Farewell is written to stderr after the bridge has closed and before the
	// program returns.
	Farewell string
	// Signals, if set, is the descriptor from which the process's signals are
	// read.
	Signals int
	// Limits bound the bridge; a zero field means its default.
	Limits bridge.Limits
}

func start(text json.RawMessage) (bridge.Options, bridge.Program, error) {
	var c config
	if err := json.Unmarshal(text, &c); err != nil {
		return bridge.Options{}, nil, fmt.Errorf("config: %w", err)
	}
	if c.Refuse != "" {
		return bridge.Options{}, nil, errors.New(c.Refuse)
	}
	if c.Conformance {
		suite := bridgetest.New(bridgetest.Config{Limits: c.Limits, Untraced: c.Untraced}, nil, func(line string) { fmt.Println(line) })
		return suite.Options(), func(ctx context.Context, b bridge.Bridge, _ json.RawMessage) (int, error) {
			return 0, suite.Run(ctx, b)
		}, nil
	}
	p := &program{config: c, end: make(chan func() (int, error), 1)}
	if c.Signals != 0 {
		go func() {
			for range inproc.Signals(c.Signals) {
				p.signals.Add(1)
			}
		}()
	}
	return bridge.Options{Limits: c.Limits, PeerName: "node", Handlers: p.handlers()}, p.run, nil
}

// program is the Go side of one bridge. It runs until the bridge closes or
// JavaScript calls a method that ends it.
type program struct {
	config config
	bridge bridge.Bridge
	// signals counts the signals received.
	signals atomic.Int64
	end     chan func() (int, error)
}

// running counts the programs that still run.
var running atomic.Int64

func (p *program) run(ctx context.Context, b bridge.Bridge, _ json.RawMessage) (int, error) {
	running.Add(1)
	defer running.Add(-1)
	p.bridge = b
	if _, err := bridge.Handshake(ctx, b, "libbridgepeer"); err != nil {
		return 1, err
	}
	select {
	case end := <-p.end:
		return end()
	case <-ctx.Done():
		if p.config.Farewell != "" {
			fmt.Fprintln(os.Stderr, p.config.Farewell)
		}
		return 0, nil
	}
}
