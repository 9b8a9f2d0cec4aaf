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
	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/typed"
)

// Software is the service in the handshake.
const Software = "rules 0.1.0"

// stopTime is how long pending orders may take after a stop.
const stopTime = 5 * time.Second

// Service is one order service.
type Service struct {
	options Options
	shop    *shop.Shop
	bridge  bridge.Bridge // set by Run
	// asked is done once service.Stop has called ask.
	asked context.Context
	ask   context.CancelFunc
}

// New loads the operator's data. Handlers are for the bridge that Run gets.
func New(o Options) (*Service, error) {
	data, err := shop.Load(filepath.Join(o.Shop, "shop.json"))
	if err != nil {
		return nil, err
	}
	s := &Service{options: o, shop: data}
	s.asked, s.ask = context.WithCancel(context.Background())
	return s, nil
}

// Run serves until it is stopped, then returns nil. The handshake has been made;
// Run closes the bridge. stop and the notification service.Stop from Node both
// stop it. A *bridge.ClosedError means that Node is gone.
func (s *Service) Run(stop context.Context, b bridge.Bridge, out io.Writer) error {
	s.bridge = b
	defer b.Close()
	ctx, cancel := context.WithCancel(stop)
	defer cancel()
	context.AfterFunc(s.asked, cancel)
	err := s.run(ctx, out)
	if ctx.Err() != nil {
		return nil // what fails after that is the stop itself
	}
	return err
}

func (s *Service) run(ctx context.Context, out io.Writer) error {
	if _, err := typed.Call[any](ctx, s.bridge, "rules.Load", filepath.Join(s.options.Shop, "rules.mjs")); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.options.Listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "rules: listening on http://%s\n", listener.Addr())
	return s.serve(ctx, listener)
}

// serve returns when ctx ends, the bridge closes or the server fails. Pending
// orders may finish first.
func (s *Service) serve(ctx context.Context, listener net.Listener) error {
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

// Handlers returns the methods by which the rules look data up, and
// service.Stop.
func (s *Service) Handlers() map[string]bridge.Handler {
	return map[string]bridge.Handler{
		"stock.Level": typed.Handler("stock.Level", func(_ context.Context, sku string) (int, error) {
			return s.shop.Level(sku), nil
		}),
		"customer.Get": typed.Handler("customer.Get", func(_ context.Context, id string) (shop.Customer, error) {
			return s.shop.Customer(id)
		}),
		"service.Stop": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			s.ask()
			return nil, nil
		},
	}
}
