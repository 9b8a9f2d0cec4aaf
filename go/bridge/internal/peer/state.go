package peer

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// state is what the goroutines of a peer share. Its methods run inside
// Peer.update.
//
// Invariants: while no goroutine holds the baton (running is false), inbox is
// empty. An id is in at most one of pending and abandoned. After close, pending
// holds only calls whose responses are in inbox.
type state struct {
	// Copies of the peer's fields; they do not change.
	limits    bridge.Limits
	from, to  string
	exclusive []string
	// dispatch passes the baton to a goroutine, which it starts if none is spare.
	dispatch func()

	handlers map[string]bridge.Handler
	pending  map[uint64]*call
	// abandoned are cancelled calls whose responses have not arrived.
	abandoned map[uint64]struct{}
	// serving are the peer's requests that have no response yet.
	serving map[uint64]struct{}
	// exclusiveID is the id of the running block action's call, 0 if none runs.
	exclusiveID uint64
	inbox       inbox
	// running: a goroutine holds the baton.
	running bool
	// reason is nil while open.
	reason error
}

func newState(p *Peer, o bridge.Options) state {
	s := state{
		limits:    p.limits,
		from:      p.from,
		to:        p.to,
		exclusive: slices.Clone(o.Exclusive),
		dispatch:  p.startDispatch,
		handlers:  map[string]bridge.Handler{},
		pending:   map[uint64]*call{},
		abandoned: map[uint64]struct{}{},
		serving:   map[uint64]struct{}{},
	}
	maps.Copy(s.handlers, o.Handlers)
	return s
}

// call is an outbound call. Everything but id and turn is guarded by Peer.mu
// until done is closed.
type call struct {
	id    uint64
	turn  *turn // of the waiting handler, or nil
	phase phase
	// waiting: a handler has passed the baton on while it waits for this call.
	waiting bool
	// done is closed when result and err are set.
	done   chan struct{}
	result json.RawMessage
	err    error
}

// phase is the progress of a call: zero until its response arrives.
type phase int

const (
	// answered: the response is in the inbox.
	answered phase = iota + 1
	// settled: the caller has been woken.
	settled
)

// close leaves the open state and fails pending calls.
func (s *state) close(reason error, queue fate) {
	s.reason = reason
	if queue == dropQueue {
		s.inbox.drop()
	}
	for id, c := range s.pending {
		if queue == keepQueue && c.phase == answered {
			continue
		}
		delete(s.pending, id)
		s.fail(c, s.closedError())
	}
}

// closedError returns the error of calls once the peer has closed, nil before.
func (s *state) closedError() error {
	if s.reason == nil {
		return nil
	}
	var protocol *bridge.ProtocolError
	if errors.As(s.reason, &protocol) {
		return &bridge.ClosedError{Message: "bridge closed: " + protocol.Message}
	}
	return s.reason
}

// register admits an outbound call.
func (s *state) register(c *call, method string) error {
	if s.reason != nil {
		return s.closedError()
	}
	if len(s.pending)+len(s.abandoned) >= s.limits.MaxPendingCalls {
		return &bridge.LocalError{Message: tooManyCalls(s.to, s.limits.MaxPendingCalls)}
	}
	if slices.Contains(s.exclusive, method) {
		if s.exclusiveID != 0 {
			return &bridge.LocalError{Message: "a block action is already running"}
		}
		s.exclusiveID = c.id
	}
	s.pending[c.id] = c
	return nil
}

// unregister removes a call that was not sent.
func (s *state) unregister(c *call) {
	delete(s.pending, c.id)
	if s.exclusiveID == c.id {
		s.exclusiveID = 0
	}
}

// cancel abandons a call: its response will be dropped. A cancelled block
// action still runs at the peer, and counts as running until its response
// arrives.
func (s *state) cancel(c *call, reason error) {
	if s.pending[c.id] != c {
		return // the response, or the end, was faster
	}
	delete(s.pending, c.id)
	if c.phase != answered {
		s.abandoned[c.id] = struct{}{}
	}
	s.fail(c, reason)
}

// fail settles a call with an error, out of order. A handler that waits for the
// call gets the baton in its turn.
func (s *state) fail(c *call, err error) {
	c.err = err
	if c.turn == nil {
		close(c.done)
		return
	}
	s.enqueue(item{resume: c})
}

// accept records an inbound request. It reports false, and the request is
// refused, if too many of the peer's requests have no response yet.
func (s *state) accept(id uint64) (accepted bool, err error) {
	if _, taken := s.serving[id]; taken {
		return false, &bridge.ProtocolError{Message: fmt.Sprintf(
			"%s: request with id %d, which has no answer yet", s.from, id)}
	}
	if len(s.serving) >= s.limits.MaxPendingCalls {
		return false, nil
	}
	s.serving[id] = struct{}{}
	return true, nil
}

// receive takes a response.
func (s *state) receive(it item) error {
	id := it.msg.ID
	c := s.pending[id]
	_, abandoned := s.abandoned[id]
	if !abandoned && (c == nil || c.phase == answered) {
		return &bridge.ProtocolError{Message: fmt.Sprintf(
			"%s: response to id %d, which no call waits for", s.from, id)}
	}
	delete(s.abandoned, id)
	if id == s.exclusiveID {
		s.exclusiveID = 0
	}
	if c == nil {
		return nil
	}
	if !s.running {
		// Nothing is queued before it.
		s.running = s.resolve(&it.msg)
		return nil
	}
	c.phase = answered
	return s.admit(it)
}

// resolve settles the call of a response. It needs the baton, and reports
// whether it passed the baton to the waiting handler.
func (s *state) resolve(msg *jsonrpc1.Message) (passed bool) {
	c := s.pending[msg.ID]
	if c == nil {
		return false // cancelled since
	}
	delete(s.pending, msg.ID)
	if msg.Error != nil {
		c.err = &bridge.RemoteError{Message: *msg.Error}
	} else {
		c.result = msg.Result
	}
	return s.wake(c)
}

// admit queues a message, within the limits.
func (s *state) admit(it item) error {
	if fault := QueueFault(s.from, s.inbox.bytes, it.bytes, s.limits.MaxQueuedBytes); fault != "" {
		return &bridge.ProtocolError{Message: fault}
	}
	s.enqueue(it)
	return nil
}

// enqueue queues an item, and starts a goroutine if none holds the baton.
func (s *state) enqueue(it item) {
	s.inbox.push(it)
	if !s.running {
		s.running = true
		s.dispatch()
	}
}

// passOn passes the baton to a goroutine that takes the next message. It needs
// the baton.
func (s *state) passOn() {
	if s.inbox.empty() {
		s.running = false
		return
	}
	s.dispatch()
}

// wait passes the baton on while a handler waits for c.
func (s *state) wait(c *call) {
	t := c.turn
	if c.phase == settled || t.over {
		return
	}
	c.waiting = true
	t.waiting++
	if t.held {
		t.held = false
		s.passOn()
	}
}

// wake settles a call whose outcome is set. It needs the baton, and reports
// whether it passed the baton to the waiting handler.
func (s *state) wake(c *call) (passed bool) {
	c.phase = settled
	close(c.done)
	t := c.turn
	if t == nil || !c.waiting {
		return false
	}
	t.waiting--
	t.held = t.waiting == 0 && !t.over
	return t.held
}

// finish ends a handler's turn. It reports whether the handler held the baton.
func (s *state) finish(t *turn, msg *jsonrpc1.Message) (held bool) {
	t.over = true
	if msg.Kind == jsonrpc1.Request {
		delete(s.serving, msg.ID)
	}
	return t.held
}
