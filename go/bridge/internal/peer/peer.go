// Package peer is the protocol engine: what lies above frames and below the
// Bridge interface, shared by every backend, so that they behave the same by
// construction. Its twin in TypeScript is packages/bridge-peer; the rules of
// both are in docs/protocol.md.
//
// States: open -> closed. Everything that closes a peer goes through end.
//
// Inbound requests, notifications and responses pass one queue, in the order
// in which they came. One goroutine at a time holds the baton: the right to
// take the next message and to run its handler. A handler that waits in Call
// with its own ctx passes the baton on; the response that it waits for is
// handed out in its turn, and brings the baton back.
package peer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
	// Requests are methods of which the peer must ask for the answer: a
	// notification of one is a protocol error.
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

// call is one of our calls that waits for its answer.
type call struct {
	id   uint64
	turn *turn // of the handler that waits, or nil
	// Guarded by Peer.mu: the answer is in the queue; a handler has passed the
	// baton on to wait; the caller has been woken.
	answered, waiting, settled bool
	// done is closed when result and err are set.
	done   chan struct{}
	result json.RawMessage
	err    error
}

// Peer implements bridge.Bridge over a Transport.
type Peer struct {
	transport Transport
	limits    bridge.Limits
	codec     jsonrpc1.Limits
	from, to  string // the streams, for errors
	exclusive []string
	requests  []string
	trace     func(Direction, []byte)
	spins     bool
	spin      spin.Spinner
	// calling is how many callers wait, where they may spin.
	calling atomic.Int32

	// ctx is the parent of every handler's: cancelled when the peer closes.
	ctx    context.Context
	cancel context.CancelFunc
	closed chan struct{}
	lastID atomic.Uint64

	// sending serialises Transport.Send. Never taken while holding mu.
	sending sync.Mutex

	mu       sync.Mutex // guards the rest
	handlers map[string]bridge.Handler
	pending  map[uint64]*call
	// abandoned are calls that were given up and have no answer yet.
	abandoned map[uint64]struct{}
	// serving are the peer's requests that have no answer yet.
	serving map[uint64]struct{}
	// exclusiveID is the call of the block action that runs; 0: none.
	exclusiveID uint64
	inbox       inbox
	// running: somebody holds the baton. While false, inbox is empty.
	running bool
	// reason is nil while open.
	reason error
}

var (
	_ bridge.Bridge = (*Peer)(nil)
	_ bridge.Queued = (*Peer)(nil)
)

// New returns an open peer. The backend hands it inbound frames with Receive
// and CallIn, and the carrier's end with End.
func New(t Transport, o Options) *Peer {
	limits := withDefaults(o.Limits)
	p := &Peer{
		transport: t,
		limits:    limits,
		exclusive: slices.Clone(o.Exclusive),
		requests:  slices.Clone(o.Requests),
		trace:     o.Trace,
		spins:     o.Spins,
		closed:    make(chan struct{}),
		handlers:  map[string]bridge.Handler{},
		pending:   map[uint64]*call{},
		abandoned: map[uint64]struct{}{},
		serving:   map[uint64]struct{}{},
	}
	maps.Copy(p.handlers, o.Handlers)
	name := cmp.Or(o.PeerName, "agvm")
	p.from, p.to = "from "+name, "to "+name
	p.codec = jsonrpc1.Limits{MaxFrameBytes: limits.MaxFrameBytes, MaxNesting: limits.MaxNesting, Stream: p.to}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
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
func (p *Peer) Queues() []bridge.Queue {
	p.mu.Lock()
	defer p.mu.Unlock()
	return []bridge.Queue{{Name: bridge.QueueInbound, Messages: p.inbox.len(), Bytes: p.inbox.bytes}}
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
func (p *Peer) Handle(method string, h bridge.Handler) error {
	if method == "" {
		return &bridge.LocalError{Message: "method must be a non-empty string"}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, taken := p.handlers[method]; taken {
		return &bridge.LocalError{Message: `method "` + method + `" already has a handler`}
	}
	p.handlers[method] = h
	return nil
}

// Closed implements bridge.Bridge.
func (p *Peer) Closed() <-chan struct{} { return p.closed }

// Err implements bridge.Bridge.
func (p *Peer) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reason
}

// Close implements bridge.Bridge. Messages that wait for their handler are
// dropped; handlers that run find their ctx cancelled.
func (p *Peer) Close() error {
	p.end(&bridge.ClosedError{Message: "bridge closed"}, dropQueue)
	return nil
}

// End tells that the carrier has ended: with a *bridge.ProtocolError, or,
// when reason is anything else, because the peer is gone. What arrived before
// is still handled.
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

// end is the one door from open to closed: it settles every pending call,
// then lets Closed be seen. Only the first call has an effect.
func (p *Peer) end(reason error, queue fate) {
	p.mu.Lock()
	if p.reason != nil {
		p.mu.Unlock()
		return
	}
	p.reason = reason
	if queue == dropQueue {
		p.inbox.drop()
	}
	for id, c := range p.pending {
		if queue == keepQueue && c.answered {
			continue
		}
		delete(p.pending, id)
		c.err = p.closedError()
		p.settle(c)
	}
	p.cancel()
	p.mu.Unlock()
	// Errors of closing say nothing that the caller could act on.
	_ = p.transport.Close()
	close(p.closed)
}

// closedError is what calls fail with once the peer has closed. Needs mu.
func (p *Peer) closedError() error {
	var protocol *bridge.ProtocolError
	if errors.As(p.reason, &protocol) {
		return &bridge.ClosedError{Message: "bridge closed: " + protocol.Message}
	}
	return p.reason
}

// send hands one frame to the carrier. The error is a *bridge.LocalError:
// there was no room, and nothing was sent.
func (p *Peer) send(frame []byte) error {
	p.sending.Lock()
	if p.trace != nil {
		p.trace(Out, frame)
	}
	err := p.transport.Send(frame)
	p.sending.Unlock()
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
