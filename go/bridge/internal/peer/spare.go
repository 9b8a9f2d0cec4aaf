package peer

import (
	"sync/atomic"

	"github.com/agd-bridge/agd-bridge/go/bridge/internal/spin"
)

// spare is the place of one goroutine that has run out of messages and waits for
// the baton. To wake a goroutine takes longer than most handlers: the spare one
// spins first, while that has paid off lately.
type spare struct {
	place atomic.Int32 // vacant, spinning, asleep or called
	woken chan struct{}
	spin  spin.Spinner
}

const (
	// vacant: no goroutine waits.
	vacant int32 = iota
	// spinning: it polls place.
	spinning
	// asleep: it waits for woken, too.
	asleep
	// called: it has got the baton.
	called
)

// startDispatch passes the baton to the spare goroutine, or to a new one. It does
// not block.
func (p *Peer) startDispatch() {
	switch s := &p.spare; {
	case s.place.CompareAndSwap(spinning, called):
	case s.place.CompareAndSwap(asleep, called):
		s.woken <- struct{}{}
	default:
		go p.serve()
	}
}

// serve dispatches, and then waits for the next baton if no other goroutine
// does, until the peer has closed.
func (p *Peer) serve() {
	for {
		p.dispatch()
		if !p.spins || !p.awaitBaton() {
			return
		}
	}
}

// awaitBaton waits in the spare place for the baton. It reports false without
// one: the place was taken, or the peer has closed.
func (p *Peer) awaitBaton() bool {
	s := &p.spare
	if !s.place.CompareAndSwap(vacant, spinning) {
		return false
	}
	s.spin.Wait(func() bool { return s.place.Load() == called }, func() {
		if !s.place.CompareAndSwap(spinning, asleep) {
			return // called since
		}
		select {
		case <-s.woken:
		case <-p.closed:
			if !s.place.CompareAndSwap(asleep, vacant) {
				<-s.woken // called since
			}
		}
	})
	return s.place.CompareAndSwap(called, vacant)
}
