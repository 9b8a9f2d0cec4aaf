// Package bridge is one interface between a Go program and a Node program. The
// backends (split, inproc) implement it; callers see no difference except
// speed.
//
// Its twin in TypeScript is packages/bridge; docs/protocol.md is the contract
// of both.
package bridge

import (
	"context"
	"encoding/json"
)

// Handler handles one inbound request or notification. The result of a
// notification is dropped. params are the raw JSON values of the frame.
//
// Handlers of one bridge start in the order in which the peer sent the
// messages, and run one at a time, as in JavaScript. A handler yields to the
// next message when it returns, or while it waits in a Call that was given the
// handler's own ctx. An error reaches the peer as a remote error that carries
// only its message. So does a panic.
type Handler func(ctx context.Context, params []json.RawMessage) (json.RawMessage, error)

// Caller sends to the peer. It is safe for concurrent use. Messages are sent in
// the order in which the methods were entered.
type Caller interface {
	// Call calls the peer and returns its result. The error is a *RemoteError,
	// a *ClosedError, a *LocalError or ctx.Err(). After ctx.Err() the response
	// is dropped.
	Call(ctx context.Context, method string, params ...json.RawMessage) (json.RawMessage, error)
	// Notify sends a message that has no response.
	Notify(method string, params ...json.RawMessage) error
}

// Program is the Go side of one bridge. split.Run runs it with Node.js in
// another process; inproc.Serve runs it as a library in Node.js.
//
// ctx is done when either side closes the bridge. config is the JSON with which
// JavaScript opened an in-process bridge; nil in split mode. exitCode is the
// exit code for the process, and err the reason. An err does not change
// exitCode: return both. When a Program returns, its caller closes the bridge.
type Program func(ctx context.Context, b Bridge, config json.RawMessage) (exitCode int, err error)

// Bridge is one end of a connection to a peer. Its creator closes it.
type Bridge interface {
	Caller
	// Handle registers the handler of a method. A method has one handler: a
	// second registration is a *LocalError.
	Handle(method string, h Handler) error
	// Closed is closed once the bridge has closed and every pending call has
	// failed.
	Closed() <-chan struct{}
	// Err returns nil until Closed, then the reason: a *ClosedError or a
	// *ProtocolError.
	Err() error
	// Close closes the bridge and fails every pending call at once. It is
	// idempotent and safe for concurrent use.
	Close() error
}
