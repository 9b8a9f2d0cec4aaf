package peer

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// Call implements bridge.Bridge. A handler must pass its own ctx (or one
// derived from it): with another it keeps the baton while it waits, and the
// answer, which comes in its turn, never reaches it.
func (p *Peer) Call(ctx context.Context, method string, params ...json.RawMessage) (json.RawMessage, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c := &call{id: p.lastID.Add(1), turn: turnOf(ctx, p), done: make(chan struct{})}
	frame, err := jsonrpc1.EncodeRequest(c.id, method, params, p.codec)
	if err != nil {
		return nil, err
	}
	if err := p.register(c, method); err != nil {
		return nil, err
	}
	if err := p.send(frame); err != nil {
		p.unsent(c)
		return nil, err
	}
	p.yield(c)
	sleep := func() {
		select {
		case <-c.done:
		case <-ctx.Done():
			p.abandon(c, ctx.Err())
			<-c.done
		}
	}
	if p.spins && c.turn == nil {
		p.spinFor(c, sleep)
	}
	sleep()
	return c.result, c.err
}

// spinFor looks for an answer, if that is worth it, and as long as nobody else
// calls, who would have to wait for this processor.
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
	p.mu.Lock()
	err = nil
	if p.reason != nil {
		err = p.closedError()
	}
	p.mu.Unlock()
	if err != nil {
		return err
	}
	return p.send(frame)
}

// register admits a call.
func (p *Peer) register(c *call, method string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reason != nil {
		return p.closedError()
	}
	if len(p.pending)+len(p.abandoned) >= p.limits.MaxPendingCalls {
		return &bridge.LocalError{Message: tooManyCalls(p.to, p.limits.MaxPendingCalls)}
	}
	if slices.Contains(p.exclusive, method) {
		if p.exclusiveID != 0 {
			return &bridge.LocalError{Message: "a block action is already running"}
		}
		p.exclusiveID = c.id
	}
	p.pending[c.id] = c
	return nil
}

func tooManyCalls(stream string, maxPendingCalls int) string {
	return fmt.Sprintf("%s: too many pending calls (maxPendingCalls %d)", stream, maxPendingCalls)
}

// unsent takes back a call that was not sent.
func (p *Peer) unsent(c *call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.pending, c.id)
	if p.exclusiveID == c.id {
		p.exclusiveID = 0
	}
}

// abandon gives a call up: its answer will be dropped. A block action that was
// given up still runs at the peer, and stays the one that runs until it answers.
func (p *Peer) abandon(c *call, reason error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pending[c.id] != c {
		return // the answer, or the end, was faster
	}
	delete(p.pending, c.id)
	if !c.answered {
		p.abandoned[c.id] = struct{}{}
	}
	c.err = reason
	p.settle(c)
}

// settle wakes a call whose outcome is set, out of turn. One that a handler
// waits for gets the baton in its turn. Needs mu.
func (p *Peer) settle(c *call) {
	if c.turn == nil {
		close(c.done)
		return
	}
	p.enqueue(item{resume: c})
}

// answer completes the call that a response belongs to. Needs mu, and the
// baton; it tells whether it gave the baton to the handler that waited.
func (p *Peer) answer(msg *jsonrpc1.Message) (passed bool) {
	c := p.pending[msg.ID]
	if c == nil {
		return false // given up meanwhile
	}
	delete(p.pending, msg.ID)
	if msg.Error != nil {
		c.err = &bridge.RemoteError{Message: *msg.Error}
	} else {
		c.result = msg.Result
	}
	return p.wake(c)
}
