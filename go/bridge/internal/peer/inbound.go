package peer

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/checked"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// Receive takes one inbound frame and its ownership. It never waits for a
// handler. It must not be called concurrently with itself.
func (p *Peer) Receive(frame []byte) { p.read(frame, arrival{}) }

// ReceiveHere is Receive, except that it runs the handler on the caller's
// goroutine if no message is queued before it. This saves waking another
// goroutine. It reports whether it ran the handler. It calls starts before such
// a handler runs: from then on another goroutine may receive the next frame. A
// Transport that implements WaitObserver learns when another goroutine must
// receive.
func (p *Peer) ReceiveHere(frame []byte, starts func()) (handled bool) {
	return p.read(frame, arrival{here: true, starts: starts}).handled
}

// WaitObserver is a Transport that needs to know when a handler starts to wait in a
// Call. Such a handler does not return before more frames have been received.
type WaitObserver interface{ HandlerWaits() }

// CallIn takes one inbound request and returns its response instead of sending
// it. The request keeps its place behind earlier messages; if there are none,
// its handler runs on the caller's goroutine. The error is a
// *bridge.ClosedError. It may be called concurrently with Receive.
func (p *Peer) CallIn(frame []byte) ([]byte, error) {
	out := p.read(frame, arrival{here: true, returns: true})
	response := out.response
	if out.later != nil {
		select {
		case response = <-out.later: // nil: dropped by Close
		case <-p.closed:
		}
	}
	if err := p.closedError(); err != nil {
		return nil, err
	}
	if p.trace != nil {
		p.trace(bridge.Out, response)
	}
	return response, nil
}

// arrival is how a carrier delivers a frame.
type arrival struct {
	// here: the handler may run on the caller's goroutine.
	here bool
	// starts, if set, is called before a handler runs on the caller's
	// goroutine.
	starts func()
	// returns: the frame must be a request, whose response is returned to the
	// caller.
	returns bool
}

// departure is the outcome of reading a frame. If arrival.returns was set,
// either response or later is set, unless the peer has closed.
type departure struct {
	// handled: the handler ran on the caller's goroutine.
	handled  bool
	response []byte
	later    chan []byte
}

// read decodes a frame, then handles or queues it.
func (p *Peer) read(frame []byte, in arrival) (out departure) {
	var it item
	msg := &it.msg
	err := p.decode(frame, msg)
	if err == nil && in.returns && msg.Kind != jsonrpc1.Request {
		err = &bridge.ProtocolError{Message: p.from + ": expected a request"}
	}
	if err != nil {
		p.End(err)
		return out
	}
	it.bytes = queuedBytes(len(frame), len(msg.Params))
	accepted := true
	var handler bridge.Handler
	p.update(func(s *state) {
		if s.reason != nil {
			return
		}
		if msg.Kind == jsonrpc1.Response {
			err = s.receive(it)
			return
		}
		if msg.Kind == jsonrpc1.Request {
			if accepted, err = s.accept(msg.ID); !accepted {
				return
			}
		}
		if in.here && !s.running {
			s.running, out.handled = true, true
			handler = s.handlers[msg.Method]
			return
		}
		if in.returns {
			it.reply = make(chan []byte, 1)
			out.later = it.reply
		}
		err = s.admit(it)
	})
	switch {
	case err != nil:
		p.End(err)
	case !accepted:
		out.response = p.encodeResponse(msg.ID, nil, checked.Unknown, &bridge.RemoteError{Message: tooManyCalls(p.from, p.limits.MaxPendingCalls)})
	case out.handled:
		if in.starts != nil {
			in.starts()
		}
		if in.returns {
			out.response, _ = p.handle(handler, msg, passOnNow)
			return out
		}
		response, held := p.handle(handler, msg, keepBaton)
		p.respond(response)
		if held {
			p.update((*state).passOn)
		}
		return out
	}
	if !in.returns {
		p.respond(out.response)
	}
	return out
}

// afterwards is what becomes of the baton when a handler returns with it.
type afterwards bool

const (
	// keepBaton: the caller sends the response before the next handler runs.
	keepBaton afterwards = false
	// passOnNow: the response is not sent, so the next handler need not wait.
	passOnNow afterwards = true
)

// queuedBytes is what a frame counts in the queue: its text, and the slices of
// many params, which may be twelve times as large.
func queuedBytes(frame, params int) int {
	const few, slice = 64, 24
	return frame + slice*max(params-few, 0)
}

func (p *Peer) decode(frame []byte, msg *jsonrpc1.Message) (err error) {
	if p.trace != nil {
		p.trace(bridge.In, frame)
	}
	*msg, err = jsonrpc1.Decode(frame, p.codec, p.from)
	if err == nil && msg.Kind == jsonrpc1.Notification && slices.Contains(p.requests, msg.Method) {
		err = &bridge.ProtocolError{Message: fmt.Sprintf("%s: expected %s as a request, got a notification", p.from, msg.Method)}
	}
	return err
}

// dispatch handles queued messages one after the other while it holds the
// baton.
func (p *Peer) dispatch() {
	for {
		var it item
		var handler bridge.Handler
		var done, woke bool
		p.update(func(s *state) {
			var ok bool
			it, ok = s.inbox.pop()
			switch {
			case !ok:
				s.running, done = false, true
			case it.resume != nil:
				done, woke = s.wake(it.resume), true
			case it.msg.Kind == jsonrpc1.Response:
				done, woke = s.resolve(&it.msg), true
			default:
				handler = s.handlers[it.msg.Method]
			}
		})
		if done {
			return
		}
		if woke {
			continue
		}
		response, held := p.handle(handler, &it.msg, keepBaton)
		if it.reply != nil {
			it.reply <- response
		} else {
			p.respond(response)
		}
		if !held {
			return
		}
	}
}

// handle runs a message's handler; nil means that its method is unknown. It
// returns the response's frame (nil for a notification) and whether the caller
// holds the baton.
func (p *Peer) handle(handler bridge.Handler, msg *jsonrpc1.Message, then afterwards) (response []byte, held bool) {
	if handler == nil {
		handler = func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			return nil, &bridge.RemoteError{Message: `unknown method "` + msg.Method + `"`}
		}
	}
	run := &handlerContext{Context: p.ctx, peer: p, turn: turn{held: true}}
	// Decoded at the depth of params in a frame.
	run.texts = checked.Turn{Params: msg.Params, Depth: p.limits.MaxNesting - 2}
	result, err := invoke(handler, run, msg.Params)
	p.update(func(s *state) {
		held = s.finish(&run.turn, msg)
		if held && then == passOnNow {
			s.passOn()
			held = false
		}
	})
	if msg.Kind == jsonrpc1.Notification {
		return nil, held
	}
	return p.encodeResponse(msg.ID, result, run.texts.DepthOf(result), err), held
}

// invoke calls a handler and turns a panic into an error.
func invoke(h bridge.Handler, ctx context.Context, params []json.RawMessage) (result json.RawMessage, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return h(ctx, params)
}

// respond sends a response, unless it is nil or the peer has closed. A peer
// that sends requests must read the responses: otherwise the bridge closes.
func (p *Peer) respond(frame []byte) {
	if frame == nil || p.ended.Load() {
		return
	}
	if err := p.write(frame); err != nil {
		p.End(&bridge.ProtocolError{Message: err.Error()})
	}
}

// encodeResponse encodes a response. If the response exceeds a limit, it
// encodes the error that names the limit instead. depth is the result's, if it
// is checked already.
func (p *Peer) encodeResponse(id uint64, result json.RawMessage, depth int, err error) []byte {
	if err == nil {
		if result == nil {
			result = json.RawMessage("null")
		}
		var frame []byte
		if frame, err = jsonrpc1.EncodeText(id, result, depth, p.codec); err == nil {
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
