// Package peer is the protocol engine between frames and the Bridge interface.
// Every backend uses it, so that all behave the same by construction. Its twin
// in TypeScript is packages/bridge-peer; docs/protocol.md has the rules of
// both.
//
// States: open -> closed. Everything that closes a peer goes through end.
// Goroutines share only state, which changes only inside update.
//
// Inbound requests, notifications and responses pass one queue, in the order of
// their arrival. One goroutine at a time holds the baton: the right to take the
// next message and to run its handler. A handler that waits in Call with its
// own ctx passes the baton on. Its response is taken from the queue in order
// and returns the baton to the handler.
package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/spin"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// Transport carries frames: messages without their newline. Its creator passes
// it to New; the Peer closes it.
type Transport interface {
	// Send takes one frame and its ownership. It must not wait for the other
	// side. The Peer never calls it concurrently with itself. After Close it
	// does nothing. A *bridge.LocalError means that there was no room and
	// nothing was sent; any other error closes the peer.
	Send(frame []byte) error
	// Close releases everything. It is called once, and must not call the Peer
	// before it returns.
	Close() error
}

// DefaultPeerName is the peer's name in errors if the caller gives none.
const DefaultPeerName = "peer"

// Peer implements bridge.Bridge over a Transport. All methods are safe for
// concurrent use, except where they say otherwise.
type Peer struct {
	transport Transport
	limits    bridge.Limits
	codec     jsonrpc1.Limits
	from, to  string // stream names, for errors
	requests  []string
	trace     func(bridge.Direction, []byte)
	spins     bool
	spin      spin.Spinner
	// calling counts the callers that wait for a response and may spin.
	calling atomic.Int32
	// spare is the goroutine that waits for the baton, if spins is set.
	spare spare

	// ctx is the parent of every handler's context. Closing cancels it.
	ctx    context.Context
	cancel context.CancelFunc
	closed chan struct{}
	// ended is set before end settles the pending calls. What their callers
	// do then, such as a handler that returns the error, is not sent.
	ended  atomic.Bool
	lastID atomic.Uint64

	// writing serialises Transport.Send. It is never acquired while mu is held.
	writing sync.Mutex

	mu    sync.Mutex
	state state // only update touches it
}

var (
	_ bridge.Bridge = (*Peer)(nil)
	_ bridge.Queued = (*Peer)(nil)
)

// New returns an open peer. The backend passes inbound frames to Receive and
// CallIn, and the carrier's end to End.
func New(t Transport, o bridge.Options) *Peer {
	limits := withDefaults(o.Limits)
	name := cmp.Or(o.PeerName, DefaultPeerName)
	p := &Peer{
		transport: t,
		limits:    limits,
		from:      "from " + name,
		to:        "to " + name,
		requests:  slices.Clone(o.Requests),
		trace:     o.Trace,
		closed:    make(chan struct{}),
		spare:     spare{woken: make(chan struct{}, 1)},
	}
	p.codec = jsonrpc1.Limits{MaxFrameBytes: limits.MaxFrameBytes, MaxNesting: limits.MaxNesting, Stream: p.to}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.state = newState(p, o)
	return p
}

// NewSpinning is New of a peer whose callers spin for the response, and whose
// dispatching goroutine spins for the next message, before they sleep. It is for
// a carrier that delivers frames from a thread of the peer, which then need not
// wait for a goroutine.
func NewSpinning(t Transport, o bridge.Options) *Peer {
	p := New(t, o)
	p.spins = true
	return p
}

// update changes or reads the shared state in one step. f must not block, call
// update, or call the carrier.
func (p *Peer) update(f func(*state)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.state)
}

func withDefaults(l bridge.Limits) bridge.Limits {
	d := bridge.DefaultLimits()
	return bridge.Limits{
		MaxFrameBytes:   cmp.Or(l.MaxFrameBytes, d.MaxFrameBytes),
		MaxNesting:      cmp.Or(l.MaxNesting, d.MaxNesting),
		MaxPendingCalls: cmp.Or(l.MaxPendingCalls, d.MaxPendingCalls),
		MaxQueuedBytes:  cmp.Or(l.MaxQueuedBytes, d.MaxQueuedBytes),
	}
}

// Limits returns the peer's limits, defaults filled in.
func (p *Peer) Limits() bridge.Limits { return p.limits }

// Queues implements bridge.Queued. It returns the inbound queue, which every
// carrier has.
func (p *Peer) Queues() (queues []bridge.Queue) {
	p.update(func(s *state) {
		queues = []bridge.Queue{{Name: bridge.QueueInbound, Messages: s.inbox.len(), Bytes: s.inbox.bytes}}
	})
	return queues
}

// Carrier returns the transport, for tests that send what the engine would not.
func (p *Peer) Carrier() Transport { return p.transport }

// To returns the name of the outbound stream, for a carrier's errors.
func (p *Peer) To() string { return p.to }

// FrameDecoder returns a decoder for a carrier that is a stream of bytes.
func (p *Peer) FrameDecoder() *jsonrpc1.FrameDecoder {
	return jsonrpc1.NewFrameDecoder(p.codec, p.from)
}

// Handle implements bridge.Bridge.
func (p *Peer) Handle(method string, h bridge.Handler) (err error) {
	if method == "" {
		return &bridge.LocalError{Message: "method must be a non-empty string"}
	}
	p.update(func(s *state) {
		if _, taken := s.handlers[method]; taken {
			err = &bridge.LocalError{Message: `method "` + method + `" already has a handler`}
			return
		}
		s.handlers[method] = h
	})
	return err
}

// Closed implements bridge.Bridge.
func (p *Peer) Closed() <-chan struct{} { return p.closed }

// Err implements bridge.Bridge.
func (p *Peer) Err() (reason error) {
	p.update(func(s *state) { reason = s.reason })
	return reason
}

// Close implements bridge.Bridge. It drops queued messages and cancels the ctx
// of running handlers.
func (p *Peer) Close() error {
	p.end(&bridge.ClosedError{Message: "bridge closed"}, dropQueue)
	return nil
}

// End reports the end of the carrier. A *bridge.ProtocolError is a protocol
// violation; any other reason is the peer's death. Messages that arrived before
// are still handled.
func (p *Peer) End(reason error) {
	var protocol *bridge.ProtocolError
	if errors.As(reason, &protocol) {
		p.end(protocol, keepQueue)
		return
	}
	p.end(&bridge.ClosedError{Message: "bridge closed by the peer"}, keepQueue)
}

type fate int

const (
	keepQueue fate = iota
	dropQueue
)

// end is the only transition from open to closed. It settles every pending
// call, then closes Closed. Only the first call has an effect.
func (p *Peer) end(reason error, queue fate) {
	var first bool
	p.update(func(s *state) {
		if first = s.reason == nil; first {
			p.ended.Store(true)
			s.close(reason, queue)
			p.cancel()
		}
	})
	if !first {
		return
	}
	// The caller could not act on an error of closing.
	_ = p.transport.Close()
	close(p.closed)
}

// closedError returns the error of calls on a closed peer, nil while it is
// open.
func (p *Peer) closedError() (err error) {
	p.update(func(s *state) { err = s.closedError() })
	return err
}

// write passes one frame to the carrier. A *bridge.LocalError means that there
// was no room and nothing was sent.
func (p *Peer) write(frame []byte) error {
	p.writing.Lock()
	if p.trace != nil {
		p.trace(bridge.Out, frame)
	}
	err := p.transport.Send(frame)
	p.writing.Unlock()
	var local *bridge.LocalError
	if err == nil || errors.As(err, &local) {
		return err
	}
	p.End(err)
	return nil
}

// QueueFault returns the error message for a frame of the given number of bytes
// that would exceed a stream's queue, or "".
func QueueFault(stream string, queued, frame, maxQueuedBytes int) string {
	room := maxQueuedBytes - queued
	if frame <= room {
		return ""
	}
	return fmt.Sprintf("%s: byte %d: expected at most %d queued bytes (maxQueuedBytes)", stream, room, maxQueuedBytes)
}
