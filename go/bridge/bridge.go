// Package bridge is one interface between a Go program and a Node program.
// The backends (split, inproc) implement it; nobody above can tell them apart,
// except by speed.
//
// Its twin in TypeScript is packages/bridge; the contract of both is in
// docs/protocol.md.
package bridge

import (
	"context"
	"encoding/json"
)

// Handler answers one inbound request, or takes one notification (then its
// result is dropped). params are the raw values as they came.
//
// Handlers of one bridge start in the order in which the peer sent the
// messages, and run one at a time, as in JavaScript: a handler gives way to
// the next message when it returns, or while it waits in a Call that was given
// the handler's own ctx. An error reaches the peer as a remote error: its
// message alone. A panic does too.
type Handler func(ctx context.Context, params []json.RawMessage) (json.RawMessage, error)

// Caller sends to the peer. It may be used from any goroutine; messages are
// sent in the order in which the methods were entered.
type Caller interface {
	// Call calls the peer and returns its result. The error is a
	// *RemoteError, a *ClosedError, a *LocalError or ctx.Err(); after the
	// last the peer's answer is dropped.
	Call(ctx context.Context, method string, params ...json.RawMessage) (json.RawMessage, error)
	// Notify sends a message that has no answer.
	Notify(method string, params ...json.RawMessage) error
}

// Bridge is one end of a connection to a peer. Whoever made it closes it.
type Bridge interface {
	Caller
	// Handle registers the handler of a method. A method has one handler: a
	// second registration is a *LocalError.
	Handle(method string, h Handler) error
	// Closed is closed once the bridge has closed; every pending call has
	// failed by then.
	Closed() <-chan struct{}
	// Err is nil until Closed, then the reason: a *ClosedError or a
	// *ProtocolError.
	Err() error
	// Close closes; safe to repeat and from any goroutine. Every pending call
	// fails at once.
	Close() error
}
