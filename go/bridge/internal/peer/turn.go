package peer

import (
	"context"

	"github.com/agd-bridge/agd-bridge/go/bridge/internal/checked"
)

// turn is one run of a handler and whether it holds the baton. Guarded by
// Peer.mu.
//
// A handler may wait in several concurrent Calls, from its own goroutines. It
// then gets the baton back with the last response. Until it has returned, held
// == (waiting == 0).
type turn struct {
	held    bool
	waiting int
	// over: the handler has returned. Goroutines that it left behind need no
	// baton.
	over bool
}

// handlerContext carries a handler's turn, so that Call can find it.
type handlerContext struct {
	context.Context
	peer  *Peer
	turn  turn
	texts checked.Turn
}

// turnKey is the context key for the turn of a handler of one peer.
type turnKey struct{ peer *Peer }

func (c *handlerContext) Value(key any) any {
	switch k := key.(type) {
	case turnKey:
		if k.peer == c.peer {
			return &c.turn
		}
	case checked.TurnKey:
		return &c.texts
	}
	return c.Context.Value(key)
}

// turnOf returns the turn of the handler that ctx was made for, or nil.
func turnOf(ctx context.Context, p *Peer) *turn {
	t, _ := ctx.Value(turnKey{p}).(*turn)
	return t
}
