// Package jsonrpc1 encodes and decodes JSON-RPC v1 messages (docs/protocol.md).
// It does no I/O and keeps no state beyond a decoder's buffer. Its twin in
// TypeScript is packages/jsonrpc1; both read the golden frames of test/vectors.
package jsonrpc1

import "encoding/json"

// Kind is the kind of a message.
type Kind int

const (
	// Request expects a response: ID, Method, Params.
	Request Kind = iota
	// Notification has no response: Method, Params.
	Notification
	// Response responds to the request with the same id: ID, Result, Error.
	Response
)

// MaxID is the largest id, 2^53-1: the largest safe integer of JavaScript.
const MaxID = 1<<53 - 1

// Message is one decoded frame. Its raw values share memory with the frame.
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

// Limits are the limits that the codec checks (bridge.Limits).
type Limits struct {
	MaxFrameBytes int
	MaxNesting    int
	// Stream names, in errors, the stream that a frame is encoded for, such as
	// "to node". Decoders take the name as an argument.
	Stream string
}
