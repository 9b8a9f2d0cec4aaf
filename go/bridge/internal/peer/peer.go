// Package peer is the protocol engine: what lies above frames and below the
// Bridge interface, shared by every backend, so that they behave the same by
// construction. Its twin in TypeScript is packages/bridge-peer; the rules of
// both are in docs/protocol.md.
//
// States: open -> closed. Everything that closes a peer goes through end. What
// goroutines share is in state, which changes only inside update.
//
// Inbound requests, notifications and responses pass one queue, in the order
// of their arrival. One goroutine at a time holds the baton: the right to take
// the next message and to run its handler. A handler that waits in Call with
// its own ctx passes the baton on. The response that it waits for is taken
// from the queue in its turn, and returns the baton.
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

// Transport carries frames: messages without their newline. Whoever makes it
// hands it to New; the Peer closes it.
type Transport interface {
	// Send takes one frame, which is its own from then on. It must not wait
	// for the other side. The Peer never calls it concurrently with itself;
	// once Close was called it does nothing. A *bridge.LocalError says that
	// there was no room and nothing was sent; any other error closes the peer.
	Send(frame []byte) error
	// Close releases everything. It is called once, and must not call the
	// Peer before it returns.
	Close() error
}

// Direction tells a trace hook which way a frame went.
type Direction string

const (
	// In is a frame from the peer.
	In Direction = "in"
	// Out is a frame to the peer.
	Out Direction = "out"
)

// Options of a Peer. The zero value is valid.
type Options struct {
	// Limits bound the peer; a zero field means its default.
	Limits bridge.Limits
	// Handlers are known before the first message arrives. A handler must not
	// end its goroutine (runtime.Goexit, testing's FailNow).
	Handlers map[string]bridge.Handler
	// PeerName is what errors call the peer: "from agvm: byte 7: …"; default
	// "agvm".
	PeerName string
	// Exclusive are the blocking block actions: while one is pending, calling
	// another is a LocalError.
	Exclusive []string
	// Requests are methods whose callers must read the response: a notification
	// of one is a protocol error.
	Requests []string
	// Trace, if set, sees every frame, in order for each direction, before it
	// is handled or handed to the carrier. It must not keep or change the
	// frame, call the bridge, or block; directions may overlap.
	Trace func(d Direction, frame []byte)
	// Spins lets a caller look for its answer before it sleeps. It is for a
	// carrier that hands frames in from a thread of the peer's own, which
	// need not wait for a goroutine then.
	Spins bool
}

// Peer implements bridge.Bridge over a Transport. All methods may be called
// concurrently, except where they say otherwise.
type Peer struct {
	transport Transport
	limits    bridge.Limits
	codec     jsonrpc1.Limits
	from, to  string // the streams, for errors
	requests  []string
	trace     func(Direction, []byte)
	spins     bool
	spin      spin.Spinner
	// calling counts the callers that wait for a response, where they may spin.
	calling atomic.Int32

	// ctx is the parent of every handler's context. Closing cancels it.
	ctx    context.Context
	cancel context.CancelFunc
	closed chan struct{}
	lastID atomic.Uint64

	// writing serialises Transport.Send. It is never taken while mu is held.
	writing sync.Mutex

	mu    sync.Mutex
	state state // only update touches it
}

var (
	_ bridge.Bridge = (*Peer)(nil)
	_ bridge.Queued = (*Peer)(nil)
)

// New returns an open peer. The backend hands it inbound frames with Receive
// and CallIn, and the carrier's end with End.
func New(t Transport, o Options) *Peer {
	limits := withDefaults(o.Limits)
	name := cmp.Or(o.PeerName, "agvm")
	p := &Peer{
		transport: t,
		limits:    limits,
		from:      "from " + name,
		to:        "to " + name,
		requests:  slices.Clone(o.Requests),
		trace:     o.Trace,
		spins:     o.Spins,
		closed:    make(chan struct{}),
	}
	p.codec = jsonrpc1.Limits{MaxFrameBytes: limits.MaxFrameBytes, MaxNesting: limits.MaxNesting, Stream: p.to}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.state = newState(p, o)
	return p
}

// update changes the shared state, or reads it, in one step. f must not block,
// call update, or call the carrier.
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

// Limits returns the peer's bounds, defaults filled in.
func (p *Peer) Limits() bridge.Limits { return p.limits }

// Queues implements bridge.Queued: the queue that every carrier has.
func (p *Peer) Queues() (queues []bridge.Queue) {
	p.update(func(s *state) {
		queues = []bridge.Queue{{Name: bridge.QueueInbound, Messages: s.inbox.len(), Bytes: s.inbox.bytes}}
	})
	return queues
}

// Carrier is for tests that send what the engine would not.
func (p *Peer) Carrier() Transport { return p.transport }

// To names the stream of our own frames, for a carrier's errors.
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

// Close implements bridge.Bridge. Messages that wait for their handler are
// dropped; handlers that run find their ctx cancelled.
func (p *Peer) Close() error {
	p.end(&bridge.ClosedError{Message: "bridge closed"}, dropQueue)
	return nil
}

// End reports the end of the carrier: a *bridge.ProtocolError, or, with any
// other reason, the peer's death. Messages that arrived before are still
// handled.
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

// end is the only transition from open to closed: it settles every pending
// call, then makes the end visible through Closed. Only the first call has an
// effect.
func (p *Peer) end(reason error, queue fate) {
	var first bool
	p.update(func(s *state) {
		if first = s.reason == nil; first {
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

// closedError is the error of calls on a closed peer; nil while it is open.
func (p *Peer) closedError() (err error) {
	p.update(func(s *state) { err = s.closedError() })
	return err
}

// write hands one frame to the carrier. The error is a *bridge.LocalError:
// there was no room, and nothing was sent.
func (p *Peer) write(frame []byte) error {
	p.writing.Lock()
	if p.trace != nil {
		p.trace(Out, frame)
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

// QueueFault returns the error for a frame of so many bytes that would make a
// queue of a stream too long, or "".
func QueueFault(stream string, queued, frame, maxQueuedBytes int) string {
	room := maxQueuedBytes - queued
	if frame <= room {
		return ""
	}
	return fmt.Sprintf("%s: byte %d: expected at most %d queued bytes (maxQueuedBytes)", stream, room, maxQueuedBytes)
}
