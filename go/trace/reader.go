package trace

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// Reader joins the lines of one trace, in order. It keeps the calls without a
// response. For one goroutine; the zero value is ready to use.
type Reader struct {
	line, run int
	// open are the calls without a response, oldest first.
	open []openCall
	// height is Entry.Height.
	height int64
}

type openCall struct {
	from, method string
	id           uint64
	depth, line  int
	at           time.Time
}

// Read takes the next line, without its newline. An error means that the line
// is not part of a trace and is skipped.
func (r *Reader) Read(text []byte) (Entry, error) {
	r.line++
	at, line, err := parse(text)
	if err != nil {
		return Entry{Line: r.line}, err
	}
	if line.Frame == nil {
		return r.head(at, line.Head)
	}
	e := Entry{Line: r.line, Time: at, From: line.From}
	message := e.describe(line.Frame)
	switch e.Kind {
	case Call:
		if e.From == Agd && e.Method == bridge.HandshakeMethod {
			r.run++
			e.Lost, r.open, r.height = r.Unanswered(), nil, 0
		}
		if height := heightOf(e); height > 0 {
			r.height = height
		}
		e.Depth = r.depthFor(e.From)
		r.forget(e.From, message.ID) // of another run, if it had no handshake
		r.open = append(r.open, openCall{e.From, e.Method, message.ID, e.Depth, e.Line, at})
	case Answer, Failure:
		if call, ok := r.forget(peerOf(e.From), message.ID); ok {
			micros := at.Sub(call.at).Microseconds()
			e.Method, e.Depth, e.Micros = call.method, call.depth, &micros
		}
	case Notify, Broken:
		e.Depth = r.depthFor(e.From)
	}
	e.Run, e.Height = r.run, r.height
	return e, nil
}

// heightMember is part of the params of block actions.
var heightMember = []byte(`"blockHeight":`)

// heightOf returns the block of agd's call of a block action, 0 for others.
func heightOf(e Entry) int64 {
	if e.From != Agd || !bytes.Contains(e.Text, heightMember) {
		return 0
	}
	var actions []struct {
		BlockHeight int64 `json:"blockHeight"`
	}
	if json.Unmarshal(e.Text, &actions) != nil || len(actions) == 0 {
		return 0
	}
	return actions[0].BlockHeight
}

// head reads a head. The answers to calls before a gap are lost.
func (r *Reader) head(at time.Time, text json.RawMessage) (Entry, error) {
	head, err := headOf(text)
	if err != nil {
		return Entry{Line: r.line}, err
	}
	if head.Gap {
		r.open = nil
	}
	run := r.run
	if head.Agd != "" { // it precedes its run's handshake
		run++
	}
	if run > r.run {
		r.height = 0
	}
	return Entry{Line: r.line, Run: run, Time: at, Height: r.height, Kind: Heading, Head: head, Text: text}, nil
}

// Skip counts a line that is not read.
func (r *Reader) Skip() int {
	r.line++
	return r.line
}

// Restart counts lines from 1 again, for a new file that continues the trace.
func (r *Reader) Restart() { r.line = 0 }

// Unanswered returns the calls of the last run without a response, oldest
// first.
func (r *Reader) Unanswered() []Unanswered {
	var calls []Unanswered
	for _, c := range r.open {
		calls = append(calls, Unanswered{c.line, c.from, c.id, c.method})
	}
	return calls
}

// depthFor returns the depth of what a side sends now: inside the other side's
// latest open call, which a synchronous call is part of. If several overlap,
// the trace does not show to which it belongs.
func (r *Reader) depthFor(from string) int {
	for i := len(r.open) - 1; i >= 0; i-- {
		if r.open[i].from != from {
			return r.open[i].depth + 1
		}
	}
	return 0
}

// forget removes a call and returns it. It searches the latest calls first,
// because most responses come soon.
func (r *Reader) forget(from string, id uint64) (openCall, bool) {
	for i := len(r.open) - 1; i >= 0; i-- {
		if call := r.open[i]; call.from == from && call.id == id {
			r.open = append(r.open[:i], r.open[i+1:]...)
			return call, true
		}
	}
	return openCall{}, false
}

func peerOf(side string) string {
	if side == Agd {
		return Agvm
	}
	return Agd
}
