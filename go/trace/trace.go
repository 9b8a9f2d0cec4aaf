// Package trace writes the file of `agd start --bridge-trace`, with a Tracer,
// and reads it: one JSON line {"time","from","frame"} for each frame, and a Head
// for each run. It joins responses with their calls, nests downcalls in their
// upcalls, and prints a line for each. It never fails because of a line's
// content. A Recorder keeps the last frames in memory.
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

// Line is one line of a trace. Frame is the frame itself, or a string with the
// frame's text if that is not JSON. A head has Head alone.
type Line struct {
	Time  string          `json:"time"`
	From  string          `json:"from,omitempty"`
	Frame json.RawMessage `json:"frame,omitempty"`
	Head  json.RawMessage `json:"head,omitempty"`
}

// The names of the two sides in lines.
const (
	Agd  = "agd"
	Agvm = "agvm"
)

// Kind is the kind of a frame.
type Kind string

const (
	Call   Kind = "call"
	Notify Kind = "notify"
	// Answer is the response to a call that succeeded, Failure to one that
	// failed.
	Answer  Kind = "answer"
	Failure Kind = "error"
	// Broken is a frame that violates the protocol.
	Broken Kind = "broken"
	// Heading is a line with a Head instead of a frame.
	Heading Kind = "head"
)

// Entry is one frame, joined with earlier ones.
type Entry struct {
	// Line is the line's number in its file, from 1.
	Line int `json:"line"`
	// Run counts the handshakes so far: each is the start of a node.
	Run  int       `json:"run"`
	Time time.Time `json:"time"`
	// From is the side that sent it; "" for a head.
	From string `json:"from,omitempty"`
	Kind Kind   `json:"kind"`
	// Head is that of a head.
	Head *Head `json:"head,omitempty"`
	// ID is the call's id; nil for a notification and a broken frame.
	ID *uint64 `json:"id,omitempty"`
	// Method of a call or notification; for an answer that of its call, ""
	// if that is not in the trace.
	Method string `json:"method,omitempty"`
	// Height is the block of the run's last block action so far, 0 before the
	// first one.
	Height int64 `json:"height,omitempty"`
	// Depth is the number of calls that enclose this one. A response has its
	// call's.
	Depth int `json:"depth"`
	// Micros is how long the call took, in microseconds, for an answer whose
	// call is in the trace.
	Micros *int64 `json:"micros,omitempty"`
	// Text is the raw params of a call, an array; the result or the error of
	// an answer; all of a broken frame, as a string.
	Text json.RawMessage `json:"-"`
	// Reason names the rule that a broken frame violates.
	Reason string `json:"reason,omitempty"`
	// Lost are, for a handshake, the calls of the run before that had no
	// answer.
	Lost []Unanswered `json:"-"`
}

// Unanswered is a call without a response at the end of its run or of the
// trace.
type Unanswered struct {
	Line   int
	From   string
	ID     uint64
	Method string
}

// anyFrame lifts the size limit, which was up to the traced bridge.
var anyFrame = jsonrpc1.Limits{MaxFrameBytes: math.MaxInt, MaxNesting: bridge.DefaultLimits().MaxNesting * 64}

// parse parses a line. An error means that the line is not part of a trace.
func parse(text []byte) (at time.Time, line Line, err error) {
	if err := json.Unmarshal(text, &line); err != nil {
		return at, line, fmt.Errorf("not a line of a trace: %w", err)
	}
	if line.Head != nil && line.Frame == nil {
		at, err = time.Parse(time.RFC3339Nano, line.Time)
		return at, line, err
	}
	if (line.From != Agd && line.From != Agvm) || line.Frame == nil {
		return at, line, errors.New(`not a line of a trace: expected {"time":…,"from":"agd" or "agvm","frame":…}`)
	}
	if at, err = time.Parse(time.RFC3339Nano, line.Time); err != nil {
		return at, line, fmt.Errorf("not a line of a trace: %w", err)
	}
	return at, line, nil
}

// describe fills in what the frame alone shows.
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
