package peer

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/checked"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// Call implements bridge.Bridge. A handler must pass its own ctx, or one
// derived from it. With another ctx the handler keeps the baton while it waits,
// so the response, which is queued, never reaches it.
func (p *Peer) Call(ctx context.Context, method string, params ...json.RawMessage) (json.RawMessage, error) {
	return p.call(ctx, method, func(id uint64) ([]byte, error) {
		return jsonrpc1.EncodeRequest(id, method, params, p.codec)
	})
}

// CallText implements bridge.TextCaller.
func (p *Peer) CallText(ctx context.Context, method string, params ...bridge.Text) (bridge.Text, error) {
	result, err := p.call(ctx, method, func(id uint64) ([]byte, error) {
		return jsonrpc1.EncodeTexts(id, method, params, p.codec)
	})
	return checked.Trust(result, p.limits.MaxNesting-1), err
}

func (p *Peer) call(ctx context.Context, method string, encode func(id uint64) ([]byte, error)) (json.RawMessage, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c := &call{id: p.lastID.Add(1), turn: turnOf(ctx, p), done: make(chan struct{})}
	frame, err := encode(c.id)
	if err != nil {
		return nil, err
	}
	p.update(func(s *state) { err = s.register(c, method) })
	if err != nil {
		return nil, err
	}
	if err := p.write(frame); err != nil {
		p.update(func(s *state) { s.unregister(c) })
		return nil, err
	}
	if c.turn != nil {
		if observer, ok := p.transport.(WaitObserver); ok {
			observer.HandlerWaits()
		}
		p.update(func(s *state) { s.wait(c) })
	}
	sleep := func() {
		select {
		case <-c.done:
		case <-ctx.Done():
			p.update(func(s *state) { s.cancel(c, ctx.Err()) })
			<-c.done
		}
	}
	if p.spins && c.turn == nil {
		p.spinFor(c, sleep)
	}
	sleep()
	return c.result, c.err
}

// spinFor spins for the response while spinning has paid off lately and no
// other caller needs this CPU.
func (p *Peer) spinFor(c *call, sleep func()) {
	p.calling.Add(1)
	defer p.calling.Add(-1)
	if p.calling.Load() > 1 {
		sleep()
		return
	}
	p.spin.Wait(func() bool { return c.isDone() || p.calling.Load() > 1 }, sleep)
}

func (c *call) isDone() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// Notify implements bridge.Bridge.
func (p *Peer) Notify(method string, params ...json.RawMessage) error {
	frame, err := jsonrpc1.EncodeNotification(method, params, p.codec)
	if err != nil {
		return err
	}
	if err := p.closedError(); err != nil {
		return err
	}
	return p.write(frame)
}

func tooManyCalls(stream string, maxPendingCalls int) string {
	return fmt.Sprintf("%s: too many pending calls (maxPendingCalls %d)", stream, maxPendingCalls)
}
