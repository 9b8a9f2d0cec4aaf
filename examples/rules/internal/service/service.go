// Package service is the order service above a Bridge. It does not know which
// backend carries the bridge: both main programs (cmd/rules, cmd/librules) run
// it.
package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/agd-bridge/agd-bridge/examples/rules/internal/shop"
	"github.com/agd-bridge/agd-bridge/examples/rules/internal/typed"
	"github.com/agd-bridge/agd-bridge/go/bridge"
)

const software = "rules 0.1.0"

// stopTime is how long pending orders may take after a stop.
const stopTime = 5 * time.Second

type service struct {
	bridge bridge.Bridge
	shop   *shop.Shop
}

// Run serves until it is stopped, then returns nil. The bridge is open and has
// had no message yet; Run closes it. stop and the notification service.Stop
// from Node both stop it. A *bridge.ClosedError means that Node is gone.
func Run(stop context.Context, b bridge.Bridge, o Options, out io.Writer) error {
	defer b.Close()
	ctx, ask := context.WithCancel(stop)
	defer ask()
	err := run(ctx, ask, b, o, out)
	if ctx.Err() != nil {
		return nil // what fails after that is the stop itself
	}
	return err
}

func run(ctx context.Context, ask func(), b bridge.Bridge, o Options, out io.Writer) error {
	data, err := shop.Load(filepath.Join(o.Shop, "shop.json"))
	if err != nil {
		return err
	}
	s := &service{b, data}
	for method, handler := range s.handlers(ask) {
		if err := b.Handle(method, handler); err != nil {
			return err
		}
	}
	if _, err := bridge.Handshake(ctx, b, software); err != nil {
		return err
	}
	if _, err := typed.Call[any](ctx, b, "rules.Load", filepath.Join(o.Shop, "rules.mjs")); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "rules: listening on http://%s\n", listener.Addr())
	return s.serve(ctx, listener)
}

// serve returns when ctx ends, the bridge closes or the server fails. Pending
// orders may finish first.
func (s *service) serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()

	var err error
	select {
	case <-ctx.Done():
	case <-s.bridge.Closed():
		err = s.bridge.Err()
	case err = <-failed:
	}
	bounded, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if late := server.Shutdown(bounded); late != nil {
		err = errors.Join(err, server.Close())
	}
	return err
}

// handlers returns the methods by which the rules look data up, and
// service.Stop.
func (s *service) handlers(ask func()) map[string]bridge.Handler {
	return map[string]bridge.Handler{
		"stock.Level": typed.Handler("stock.Level", func(_ context.Context, sku string) (int, error) {
			return s.shop.Level(sku), nil
		}),
		"customer.Get": typed.Handler("customer.Get", func(_ context.Context, id string) (shop.Customer, error) {
			return s.shop.Customer(id)
		}),
		"service.Stop": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			ask()
			return nil, nil
		},
	}
}
