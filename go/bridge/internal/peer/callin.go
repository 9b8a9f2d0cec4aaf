package peer

import (
	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// CallIn takes one inbound request and returns its response instead of sending
// it. The request keeps its place behind the messages that came before it; if
// there are none, its handler runs on the caller's goroutine. The error is a
// *bridge.ClosedError. It may be called concurrently with Receive.
func (p *Peer) CallIn(frame []byte) ([]byte, error) {
	msg, err := p.decode(frame)
	if err == nil && msg.Kind != jsonrpc1.Request {
		err = &bridge.ProtocolError{Message: p.from + ": expected a request"}
	}
	if err != nil {
		p.End(err)
		return nil, p.whyClosed()
	}
	it := item{msg: msg, bytes: len(frame)}
	p.mu.Lock()
	if p.reason != nil {
		p.mu.Unlock()
		return nil, p.whyClosed()
	}
	refusal, err := p.accept(msg.ID)
	switch {
	case err != nil:
		p.mu.Unlock()
		p.End(err)
		return nil, p.whyClosed()
	case refusal != nil:
		p.mu.Unlock()
		return p.answered(refusal)
	case p.running:
		it.reply = make(chan []byte, 1)
		err = p.admit(it)
		p.mu.Unlock()
		if err != nil {
			p.End(err)
		}
		return p.awaitReply(it.reply)
	}
	p.running = true
	p.mu.Unlock()
	response, held := p.run(&it.msg)
	p.mu.Lock()
	if held {
		p.passOn()
	}
	p.mu.Unlock()
	return p.answered(response)
}

func (p *Peer) awaitReply(reply chan []byte) ([]byte, error) {
	select {
	case response, ok := <-reply:
		if !ok {
			return nil, p.whyClosed()
		}
		return p.answered(response)
	case <-p.closed:
		return nil, p.whyClosed()
	}
}

// answered returns a response, unless the peer has closed meanwhile.
func (p *Peer) answered(response []byte) ([]byte, error) {
	if err := p.whyClosed(); err != nil {
		return nil, err
	}
	if p.trace != nil {
		p.trace(Out, response)
	}
	return response, nil
}

// whyClosed is nil while open.
func (p *Peer) whyClosed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reason == nil {
		return nil
	}
	return p.closedError()
}
