// Package trace writes what `agd start --bridge-trace` asks for, with a Tracer,
// and reads it again: one JSON line {"time","from","frame"} a frame. It joins answers with their calls, nests
// downcalls in their upcalls, and prints a line each. It never fails on what a
// line says.
package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// Line is one line of a trace, as it is written. Frame is the frame itself, or
// a string with it if it was no JSON.
type Line struct {
	Time  string          `json:"time"`
	From  string          `json:"from"`
	Frame json.RawMessage `json:"frame"`
}

// The two sides, as lines name them.
const (
	Agd  = "agd"
	Agvm = "agvm"
)

// Kind is what a frame is to its reader.
type Kind string

const (
	Call   Kind = "call"
	Notify Kind = "notify"
	// Answer is the response to a call that succeeded, Failure to one that
	// failed.
	Answer  Kind = "answer"
	Failure Kind = "error"
	// Broken is a frame that breaks the protocol's rules.
	Broken Kind = "broken"
)

// Entry is one frame, joined with what came before it.
type Entry struct {
	// Line is the line's number in its file, from 1.
	Line int `json:"line"`
	// Run counts the handshakes up to here: each is the start of a node.
	Run  int       `json:"run"`
	Time time.Time `json:"time"`
	From string    `json:"from"`
	Kind Kind      `json:"kind"`
	// ID is the call's; nil for a notification and a broken frame.
	ID *uint64 `json:"id,omitempty"`
	// Method of a call or notification; for an answer that of its call, ""
	// if that is not in the trace.
	Method string `json:"method,omitempty"`
	// Depth is how many calls this one is nested in. An answer has its call's.
	Depth int `json:"depth"`
	// Micros is how long the call took, in microseconds, for an answer whose
	// call is in the trace.
	Micros *int64 `json:"micros,omitempty"`
	// Text is the raw params of a call, an array; the result or the error of
	// an answer; all of a broken frame, as a string.
	Text json.RawMessage `json:"-"`
	// Reason says what rule a broken frame breaks.
	Reason string `json:"reason,omitempty"`
	// Lost are, for a handshake, the calls of the run before that had no
	// answer.
	Lost []Unanswered `json:"-"`
}

// anyFrame is for decoding: how large a frame may be was its bridge's matter.
var anyFrame = jsonrpc1.Limits{MaxFrameBytes: math.MaxInt, MaxNesting: bridge.DefaultLimits().MaxNesting * 64}

// parse reads a line. The error says why it is none of a trace.
func parse(text []byte) (at time.Time, line Line, err error) {
	if err := json.Unmarshal(text, &line); err != nil {
		return at, line, fmt.Errorf("not a line of a trace: %w", err)
	}
	if (line.From != Agd && line.From != Agvm) || line.Frame == nil {
		return at, line, errors.New(`not a line of a trace: expected {"time":…,"from":"agd" or "agvm","frame":…}`)
	}
	if at, err = time.Parse(time.RFC3339Nano, line.Time); err != nil {
		return at, line, fmt.Errorf("not a line of a trace: %w", err)
	}
	return at, line, nil
}

// describe fills in what the frame alone tells.
func (e *Entry) describe(frame json.RawMessage) jsonrpc1.Message {
	message, err := jsonrpc1.Decode(frame, anyFrame, "from "+e.From)
	if err != nil {
		e.Kind, e.Text, e.Reason = Broken, frame, err.Error()
		return message
	}
	if message.Kind != jsonrpc1.Notification {
		e.ID = &message.ID
	}
	e.Method = message.Method
	switch {
	case message.Kind == jsonrpc1.Request:
		e.Kind, e.Text = Call, array(message.Params)
	case message.Kind == jsonrpc1.Notification:
		e.Kind, e.Text = Notify, array(message.Params)
	case message.Error != nil:
		e.Kind = Failure
		e.Text, _ = json.Marshal(*message.Error)
	default:
		e.Kind, e.Text = Answer, message.Result
	}
	return message
}

func array(values []json.RawMessage) json.RawMessage {
	var text bytes.Buffer
	text.WriteByte('[')
	for i, value := range values {
		if i > 0 {
			text.WriteByte(',')
		}
		text.Write(value)
	}
	text.WriteByte(']')
	return text.Bytes()
}
