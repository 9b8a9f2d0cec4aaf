package peer

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// Receive takes one inbound frame, which is the peer's from then on. It never
// waits for a handler. It may be called from one goroutine at a time.
func (p *Peer) Receive(frame []byte) { p.receive(frame, nil) }

// ReceiveHere is Receive, but a message that has nothing before it is handled
// on the caller's goroutine, which saves waking another; it tells whether it
// was. starts is called before such a handler runs: from then on another
// goroutine may receive the next frame. A Transport that is Relieved hears
// when it must.
func (p *Peer) ReceiveHere(frame []byte, starts func()) (handled bool) {
	return p.receive(frame, starts)
}

// Relieved is a Transport that wants to know when a handler starts to wait in
// a Call: it will not return before more frames were received.
type Relieved interface{ HandlerWaits() }

func (p *Peer) receive(frame []byte, starts func()) (handled bool) {
	msg, err := p.decode(frame)
	if err != nil {
		p.End(err)
		return false
	}
	it := item{msg: msg, bytes: len(frame)}
	var refusal []byte
	p.mu.Lock()
	if msg.Kind == jsonrpc1.Request && p.reason == nil {
		refusal, err = p.accept(msg.ID)
	}
	switch {
	case p.reason != nil || refusal != nil || err != nil:
	case msg.Kind == jsonrpc1.Response:
		err = p.arrived(&msg, len(frame))
	case starts != nil && !p.running:
		p.running = true
		p.mu.Unlock()
		starts()
		held := p.serve(it)
		p.mu.Lock()
		if held {
			p.passOn()
		}
		handled = true
	default:
		err = p.admit(it)
	}
	p.mu.Unlock()
	if err != nil {
		p.End(err)
	}
	if refusal != nil {
		p.respond(refusal)
	}
	return handled
}

func (p *Peer) decode(frame []byte) (jsonrpc1.Message, error) {
	if p.trace != nil {
		p.trace(In, frame)
	}
	msg, err := jsonrpc1.Decode(frame, p.codec, p.from)
	if err == nil && msg.Kind == jsonrpc1.Notification && slices.Contains(p.requests, msg.Method) {
		err = &bridge.ProtocolError{Message: fmt.Sprintf("%s: expected %s as a request, got a notification", p.from, msg.Method)}
	}
	return msg, err
}

// arrived takes a response. Needs mu.
func (p *Peer) arrived(msg *jsonrpc1.Message, bytes int) error {
	c := p.pending[msg.ID]
	_, abandoned := p.abandoned[msg.ID]
	if !abandoned && (c == nil || c.answered) {
		return &bridge.ProtocolError{Message: fmt.Sprintf(
			"%s: response to id %d, which no call waits for", p.from, msg.ID)}
	}
	delete(p.abandoned, msg.ID)
	if msg.ID == p.exclusiveID {
		p.exclusiveID = 0
	}
	if c == nil {
		return nil
	}
	if !p.running {
		// Nothing is before it: no need for the queue.
		p.running = p.answer(msg)
		return nil
	}
	c.answered = true
	return p.admit(item{msg: *msg, bytes: bytes})
}

// admit queues a message, within bounds. Needs mu.
func (p *Peer) admit(it item) error {
	if fault := QueueFault(p.from, p.inbox.bytes, it.bytes, p.limits.MaxQueuedBytes); fault != "" {
		return &bridge.ProtocolError{Message: fault}
	}
	p.enqueue(it)
	return nil
}

// enqueue queues an item and sees to it that somebody takes it. Needs mu.
func (p *Peer) enqueue(it item) {
	p.inbox.push(it)
	if !p.running {
		p.running = true
		go p.dispatch()
	}
}

// dispatch handles what is queued, one after the other, while it has the baton.
func (p *Peer) dispatch() {
	for {
		p.mu.Lock()
		it, ok := p.inbox.pop()
		passed := false
		switch {
		case !ok:
			p.running = false
			p.mu.Unlock()
			return
		case it.resume != nil:
			passed = p.wake(it.resume)
		case it.msg.Kind == jsonrpc1.Response:
			passed = p.answer(&it.msg)
		}
		p.mu.Unlock()
		if passed {
			return
		}
		if it.resume == nil && it.msg.Kind != jsonrpc1.Response && !p.serve(it) {
			return
		}
	}
}

// serve runs one message's handler and sees to its response; it tells whether
// the baton is still there.
func (p *Peer) serve(it item) (held bool) {
	response, held := p.run(&it.msg)
	switch {
	case it.msg.Kind == jsonrpc1.Notification:
	case it.reply != nil:
		it.reply <- response
	default:
		p.respond(response)
	}
	return held
}

// respond sends a response, unless the peer has closed meanwhile. A peer that
// sends requests must read their answers: it is no longer served if it does not.
func (p *Peer) respond(frame []byte) {
	if p.Err() != nil {
		return
	}
	if err := p.send(frame); err != nil {
		p.End(&bridge.ProtocolError{Message: err.Error()})
	}
}

// accept notes that the peer waits for the answer to a request. It returns an
// error response instead if it waits for too many. Needs mu.
func (p *Peer) accept(id uint64) (refusal []byte, err error) {
	if _, taken := p.serving[id]; taken {
		return nil, &bridge.ProtocolError{Message: fmt.Sprintf(
			"%s: request with id %d, which has no answer yet", p.from, id)}
	}
	if most := p.limits.MaxPendingCalls; len(p.serving) >= most {
		return p.encodeResponse(id, nil, &bridge.RemoteError{Message: tooManyCalls(p.from, most)}), nil
	}
	p.serving[id] = struct{}{}
	return nil, nil
}

// run runs one message's handler; it returns the response's frame, and
// whether the handler came back with the baton.
func (p *Peer) run(msg *jsonrpc1.Message) (response []byte, held bool) {
	p.mu.Lock()
	handler := p.handlers[msg.Method]
	p.mu.Unlock()
	if handler == nil {
		handler = func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			return nil, &bridge.RemoteError{Message: `unknown method "` + msg.Method + `"`}
		}
	}
	t := &turn{held: true}
	result, err := invoke(handler, &handlerContext{p.ctx, p, t}, msg.Params)
	p.mu.Lock()
	held, t.over = t.held, true
	if msg.Kind == jsonrpc1.Request {
		delete(p.serving, msg.ID)
	}
	p.mu.Unlock()
	if msg.Kind == jsonrpc1.Notification {
		return nil, held
	}
	return p.encodeResponse(msg.ID, result, err), held
}

// invoke calls a handler; a panic becomes an error.
func invoke(h bridge.Handler, ctx context.Context, params []json.RawMessage) (result json.RawMessage, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return h(ctx, params)
}

// encodeResponse makes a response; if it cannot be sent, the reason is sent.
func (p *Peer) encodeResponse(id uint64, result json.RawMessage, err error) []byte {
	if err == nil {
		if result == nil {
			result = json.RawMessage("null")
		}
		var frame []byte
		if frame, err = jsonrpc1.EncodeResult(id, result, p.codec); err == nil {
			return frame
		}
	}
	frame, tooLong := jsonrpc1.EncodeError(id, err.Error(), p.codec)
	if tooLong != nil {
		unbounded := jsonrpc1.Limits{MaxFrameBytes: 1 << 20}
		frame, _ = jsonrpc1.EncodeError(id, tooLong.Error(), unbounded)
	}
	return frame
}
