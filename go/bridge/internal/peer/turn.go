package peer

import "context"

// turn is one run of a handler: whether it holds the baton. Guarded by Peer.mu.
//
// A handler may wait in several Calls at once, from goroutines of its own:
// then it gets the baton back with the last answer. Until it has returned,
// held == (waiting == 0).
type turn struct {
	held    bool
	waiting int
	// over: the handler has returned. What it left behind needs no baton.
	over bool
}

// handlerContext carries a handler's turn, so that Call can find it.
type handlerContext struct {
	context.Context
	peer *Peer
	turn *turn
}

// turnKey asks a context for the turn of a handler of one peer.
type turnKey struct{ peer *Peer }

func (c *handlerContext) Value(key any) any {
	if k, ok := key.(turnKey); ok && k.peer == c.peer {
		return c.turn
	}
	return c.Context.Value(key)
}

// turnOf returns the turn of the handler that ctx was made for, or nil.
func turnOf(ctx context.Context, p *Peer) *turn {
	t, _ := ctx.Value(turnKey{p}).(*turn)
	return t
}

// yield passes the baton on while a handler waits for c.
func (p *Peer) yield(c *call) {
	t := c.turn
	if t == nil {
		return
	}
	if relieved, ok := p.transport.(Relieved); ok {
		relieved.HandlerWaits()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.settled || t.over {
		return
	}
	c.waiting = true
	t.waiting++
	if t.held {
		t.held = false
		p.passOn()
	}
}

// wake lets the caller of a call whose outcome is set go on; if it is a
// handler, with the baton. Needs mu and the baton; it tells whether it gave
// the baton away.
func (p *Peer) wake(c *call) (passed bool) {
	c.settled = true
	close(c.done)
	t := c.turn
	if t == nil || !c.waiting {
		return false
	}
	t.waiting--
	t.held = t.waiting == 0 && !t.over
	return t.held
}

// passOn lets the next message be dispatched, by another goroutine. Needs mu
// and the baton, which it gives away.
func (p *Peer) passOn() {
	if p.inbox.empty() {
		p.running = false
		return
	}
	go p.dispatch()
}
