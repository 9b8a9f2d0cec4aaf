package bridgemetrics

import (
	"context"
	"encoding/json"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// Wrap returns the bridge with measured calls: those made through the returned
// bridge, and those of handlers registered with it. Everything else is b's.
func (m *Metrics) Wrap(b bridge.Bridge) bridge.Bridge {
	if _, ok := b.(bridge.Queued); ok {
		m.open(b)
	}
	return &measured{b, m}
}

type measured struct {
	bridge.Bridge
	metrics *Metrics
}

// Call implements bridge.Bridge.
func (b *measured) Call(ctx context.Context, method string, params ...json.RawMessage) (json.RawMessage, error) {
	calls := b.metrics.of(up, method)
	began := calls.begin()
	result, err := b.Bridge.Call(ctx, method, params...)
	calls.end(began, size(params), len(result), err == nil)
	return result, err
}

// Notify implements bridge.Bridge. It does not count what was not sent.
func (b *measured) Notify(method string, params ...json.RawMessage) error {
	err := b.Bridge.Notify(method, params...)
	if err == nil {
		b.metrics.notifications.WithLabelValues(method).Inc()
	}
	return err
}

// Handle implements bridge.Bridge.
func (b *measured) Handle(method string, h bridge.Handler) error {
	return b.Bridge.Handle(method, b.metrics.of(down, method).handler(h))
}

// handler measures a handler. A panic counts as a failure.
func (c *calls) handler(h bridge.Handler) bridge.Handler {
	return func(ctx context.Context, params []json.RawMessage) (result json.RawMessage, err error) {
		began, ok := c.begin(), false
		defer func() { c.end(began, size(params), len(result), ok) }()
		result, err = h(ctx, params)
		ok = err == nil
		return result, err
	}
}

func size(params []json.RawMessage) int {
	n := 0
	for _, p := range params {
		n += len(p)
	}
	return n
}
