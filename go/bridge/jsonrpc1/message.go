// Package jsonrpc1 turns JSON-RPC v1 messages into frames and back
// (docs/protocol.md). It is pure: no I/O, no state beyond a decoder's own
// bytes. Its twin in TypeScript is packages/jsonrpc1; both read the golden
// frames of test/vectors.
package jsonrpc1

import "encoding/json"

// Kind tells what a message is.
type Kind int

const (
	// Request asks for an answer: ID, Method, Params.
	Request Kind = iota
	// Notification has no answer: Method, Params.
	Notification
	// Response answers the request with the same id: ID, Result, Error.
	Response
)

// MaxID is the largest id, 2^53-1: the largest integer that JavaScript counts
// without loss.
const MaxID = 1<<53 - 1

// Message is one decoded frame. Its raw values are parts of the frame's own
// bytes.
type Message struct {
	Kind   Kind
	ID     uint64
	Method string
	Params []json.RawMessage
	// Result is the raw result; null when the call failed.
	Result json.RawMessage
	// Error is the failed handler's message; nil when the call succeeded.
	Error *string
}

// Limits are the bounds that the codec checks (bridge.Limits).
type Limits struct {
	MaxFrameBytes int
	MaxNesting    int
	// Stream is what errors call the stream that a frame is encoded for, such
	// as "to agvm"; decoders are told separately.
	Stream string
}
