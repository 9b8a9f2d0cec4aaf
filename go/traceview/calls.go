// Package traceview shows a trace of the bridge as a whole: as a time line in
// the Trace Event format, and as a page.
package traceview

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/agd-bridge/agd-bridge/go/trace"
)

// Call is a call with its response.
type Call struct {
	// Run, Line and Depth are those of trace.Entry; EndLine is the response's line,
	// 0 if there is none.
	Run, Line, EndLine, Depth int
	// From is the side that called.
	From, Method string
	Start        time.Time
	// Took is 0 without a response.
	Took time.Duration
	// Request and Response are the bytes of JSON of the params and of the result
	// or error.
	Request, Response int
	// Error is the response's error.
	Error string
	// Height is the block of a block action, 0 for others.
	Height int64
}

// Answered reports whether the trace has the response.
func (c *Call) Answered() bool { return c.EndLine > 0 }

// Calls is a trace.Sink that joins calls with their responses. For one
// goroutine.
type Calls struct {
	// Where names a line for errors.
	Where func(line int) string
	// Began and Ended receive each call when it begins, and when its response came
	// or its run ended without one. Frame, if set, receives every entry.
	Began, Ended func(*Call)
	Frame        func(trace.Entry)
	// Blocks are those whose entries count.
	Blocks trace.Blocks
	// Note receives remarks for people.
	Note func(text string)

	reader trace.Reader
	open   map[openKey]*Call
	last   time.Time
}

type openKey struct {
	from string
	id   uint64
}

var _ trace.Sink = (*Calls)(nil)

// Line implements trace.Sink.
func (c *Calls) Line(text []byte, complete bool, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", c.Where(c.reader.Skip()), err)
	}
	e, err := c.reader.Read(text)
	switch {
	case err != nil && !complete:
		c.Note(c.Where(e.Line) + ": the trace ends in the middle of a line")
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w", c.Where(e.Line), err)
	}
	c.take(e)
	return nil
}

// Restarted implements trace.Sink.
func (c *Calls) Restarted() error { return nil }

// Idle implements trace.Sink.
func (c *Calls) Idle() error { return nil }

func (c *Calls) take(e trace.Entry) {
	if len(e.Lost) > 0 {
		c.End()
	}
	if !c.Blocks.Has(e.Height) {
		return
	}
	if c.Frame != nil {
		c.Frame(e)
	}
	if e.Kind == trace.Heading {
		return
	}
	c.last = e.Time
	switch {
	case e.Kind == trace.Call:
		call := &Call{Run: e.Run, Line: e.Line, Depth: e.Depth, From: e.From, Method: e.Method, Start: e.Time, Request: len(e.Text) - 2}
		if e.From == trace.Agd {
			call.Height = heightOf(e.Text)
		}
		if c.open == nil {
			c.open = map[openKey]*Call{}
		}
		c.open[openKey{e.From, *e.ID}] = call
		c.Began(call)
	case (e.Kind == trace.Answer || e.Kind == trace.Failure) && e.Method != "":
		key := openKey{trace.Agd, *e.ID}
		if e.From == trace.Agd {
			key.from = trace.Agvm
		}
		call := c.open[key]
		if call == nil {
			return
		}
		delete(c.open, key)
		call.EndLine, call.Took, call.Response = e.Line, e.Time.Sub(call.Start), len(e.Text)
		if e.Kind == trace.Failure {
			_ = json.Unmarshal(e.Text, &call.Error)
		}
		c.Ended(call)
	}
}

// End ends the calls without a response, at the end of a run or of the trace.
func (c *Calls) End() {
	for key, call := range c.open {
		delete(c.open, key)
		c.Ended(call)
	}
}

// Last is the time of the last frame.
func (c *Calls) Last() time.Time { return c.last }

// heightOf returns the block of a block action's params, 0 if it has none.
func heightOf(params json.RawMessage) int64 {
	var actions []struct {
		BlockHeight int64 `json:"blockHeight"`
	}
	if json.Unmarshal(params, &actions) != nil || len(actions) == 0 {
		return 0
	}
	return actions[0].BlockHeight
}
