// Package checked has JSON texts that need not be checked again: those that the
// codec has decoded, and those that encoding/json has written. Outside of this
// module they are bridge.Text.
package checked

import (
	"encoding/json"
	"math"
	"unsafe"
)

// Unknown is the depth of a text that was not checked.
const Unknown = math.MaxInt

// Text is one JSON value as text. The zero value is null. It is immutable: its
// bytes do not change once it is made.
type Text struct {
	raw   json.RawMessage
	depth int
}

// Trust returns the text of bytes that are one JSON value in valid UTF-8,
// without a line break between tokens, nested in at most depth arrays and
// objects; with the depth Unknown, of any bytes.
func Trust(raw json.RawMessage, depth int) Text { return Text{raw, depth} }

// String returns the text.
func (t Text) String() string { return string(t.Raw()) }

// Raw returns the text's own bytes, which must not be changed.
func (t Text) Raw() json.RawMessage {
	if t.raw == nil {
		return null
	}
	return t.raw
}

// MarshalJSON implements json.Marshaler.
func (t Text) MarshalJSON() ([]byte, error) { return t.Raw(), nil }

// Depth returns the levels of the text's arrays and objects, or more; Unknown
// if it must be checked.
func (t Text) Depth() int { return t.depth }

var null = json.RawMessage("null")

// Turn is what the engine and a handler of texts know of one message.
type Turn struct {
	// Params are the message's, as they were decoded, and Depth is their
	// nesting at most.
	Params []json.RawMessage
	Depth  int
	// Result is the handler's.
	Result Text
}

// TurnKey is the context key for the *Turn of a handler.
type TurnKey struct{}

// Texts returns params as texts: trusted ones, if they are the message's own.
func (t *Turn) Texts(params []json.RawMessage) []Text {
	depth := Unknown
	if t != nil && len(params) == len(t.Params) && unsafe.SliceData(params) == unsafe.SliceData(t.Params) {
		depth = t.Depth
	}
	texts := make([]Text, len(params))
	for i, param := range params {
		texts[i] = Trust(param, depth)
	}
	return texts
}

// DepthOf returns the depth of a handler's result: Unknown if it is not the
// text that the handler returned through the turn.
func (t *Turn) DepthOf(result json.RawMessage) int {
	own := t.Result.raw
	if len(own) == 0 || len(own) != len(result) || unsafe.SliceData(own) != unsafe.SliceData(result) {
		return Unknown
	}
	return t.Result.depth
}
