// Package replay plays a trace of the bridge (`agd start --bridge-trace`) to
// one side alone. A Recording reads the trace, upcall by upcall. A Player calls
// a VM as the recorded agd did, answers its downcalls from the trace, and
// reports the first difference between what the kernel does and what it did.
package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// Exchange is a recorded upcall with its response and the downcalls that the
// kernel made during it.
type Exchange struct {
	// Line is the line of the upcall in the trace, from 1.
	Line int
	// Run counts the starts of the VM in the trace, from 1.
	Run    int
	Method string
	Params []json.RawMessage
	Response
	// At is when agd sent it.
	At   time.Time
	Took time.Duration
	// Downcalls are in the order in which the VM sent them.
	Downcalls []*Downcall
	// Cut: the trace ends before the response.
	Cut bool
	// AfterGap: frames of the same run before it are missing.
	AfterGap bool
	// Unchecked: it is not the trace's, and its downcalls are not compared.
	Unchecked bool
}

// Downcall is a recorded downcall.
type Downcall struct {
	Line   int
	Method string
	Params []json.RawMessage
	// Response is what agd answered; nil: the trace ends before.
	Response *Response
	// AnswerLine is the line of the response.
	AnswerLine int
	Took       time.Duration
}

// Response is either a result or an error.
type Response struct {
	Result json.RawMessage
	Error  *string
}

// Height returns the block of a block action, 0 if it has none.
func (e *Exchange) Height() int64 {
	var action struct {
		BlockHeight int64 `json:"blockHeight"`
	}
	if len(e.Params) == 0 || json.Unmarshal(e.Params[0], &action) != nil {
		return 0
	}
	return action.BlockHeight
}

// replayed are the upcalls that are played. All others, such as those that
// export the kernel's store, depend on files of the recorded node.
var replayed = append(slices.Clone(vm.BlockActions), vm.MethodSwingStoreState)

// Recording reads a trace as a trace.Sink. It holds one exchange in memory. For
// one goroutine.
type Recording struct {
	// Where names a line of the trace for errors (trace.Input.Where).
	Where func(line int) string
	// Play receives each exchange whose response is in the trace, and at last the
	// block action in which the trace ends. Its error ends the reading.
	Play func(*Exchange) error
	// Note receives remarks for people, a line each.
	Note func(text string)
	// Redacted accepts a redacted record, which can be compared and not played.
	Redacted bool
	// Head is the sum of the heads of the last run.
	Head trace.Head

	reader trace.Reader
	run    int
	up     map[uint64]*Exchange
	down   map[uint64]*Downcall
	// action is the block action under way, or nil.
	action *Exchange
	// began: the trace's first frame was a handshake.
	began bool
	// gap: frames were lost; those of the upcall in which they were are left out.
	gap bool
}

var _ trace.Sink = (*Recording)(nil)

// Line implements trace.Sink.
func (r *Recording) Line(text []byte, complete bool, err error) error {
	if err != nil {
		return r.fault(r.reader.Skip(), err)
	}
	entry, err := r.reader.Read(text)
	switch {
	case err != nil && !complete:
		r.Note(r.Where(entry.Line) + ": the trace ends in the middle of a line")
		return nil
	case err != nil:
		return r.fault(entry.Line, err)
	case entry.Kind == trace.Broken:
		return r.fault(entry.Line, fmt.Errorf("a broken frame: %s", entry.Reason))
	}
	return r.take(entry)
}

// Restarted implements trace.Sink. A record that is read to its end does not
// restart.
func (r *Recording) Restarted() error { return nil }

// Idle implements trace.Sink.
func (r *Recording) Idle() error { return nil }

// End ends the trace. It plays the block action that has no response.
func (r *Recording) End() error {
	last := r.action
	if last != nil {
		delete(r.up, idOf(r.up, last))
	}
	r.drop()
	if last == nil {
		return nil
	}
	last.Cut = true
	return r.Play(last)
}

func idOf(all map[uint64]*Exchange, wanted *Exchange) uint64 {
	for id, up := range all {
		if up == wanted {
			return id
		}
	}
	return 0
}

// drop reports the upcalls without a response.
func (r *Recording) drop() {
	for _, up := range r.up {
		r.Note(fmt.Sprintf("%s: %s was not answered: it is not played", r.Where(up.Line), up.Method))
	}
	r.up, r.action = nil, nil
}

func (r *Recording) fault(line int, err error) error {
	return fmt.Errorf("%s: %w", r.Where(line), err)
}

func (r *Recording) take(e trace.Entry) error {
	if e.Kind == trace.Heading {
		return r.head(e)
	}
	if e.Method == bridge.HandshakeMethod {
		if e.Kind == trace.Call {
			r.drop()
			r.began, r.run, r.gap = true, e.Run, false
			r.up, r.down = map[uint64]*Exchange{}, map[uint64]*Downcall{}
		}
		return nil
	}
	if !r.began {
		return r.fault(e.Line, fmt.Errorf("the trace does not begin with %s: its beginning is missing", bridge.HandshakeMethod))
	}
	switch {
	case e.Kind == trace.Notify:
		return nil
	case e.Method == "" && !r.gap: // a response
		return r.fault(e.Line, fmt.Errorf("the response of %s to call %d, which the trace does not have: frames are missing", e.From, *e.ID))
	case e.Method == "":
		return nil
	case e.Kind == trace.Call && e.From == trace.Agd:
		return r.upcall(e)
	case e.Kind == trace.Call:
		return r.downcall(e)
	case e.From == trace.Agvm:
		return r.upcallAnswered(e)
	default:
		return r.downcallAnswered(e)
	}
}

// head adds a head to that of its run.
func (r *Recording) head(e trace.Entry) error {
	if e.Head.Redacted && !r.Redacted {
		return r.fault(e.Line, errRedacted)
	}
	if e.Head.Agd != "" {
		r.Head = trace.Head{}
	}
	_ = json.Unmarshal(e.Text, &r.Head) // as the reader did
	if e.Head.Gap {
		r.up, r.down, r.action = map[uint64]*Exchange{}, map[uint64]*Downcall{}, nil
		r.gap = true
	}
	return nil
}

var errRedacted = errors.New("this trace is redacted: it lacks the texts that a replay needs: replay the trace that it was made from")

func (r *Recording) upcall(e trace.Entry) error {
	if !slices.Contains(replayed, e.Method) {
		return nil
	}
	params, err := values(e.Text)
	if err != nil {
		return r.fault(e.Line, err)
	}
	up := &Exchange{Line: e.Line, Run: r.run, Method: e.Method, Params: params, At: e.Time, AfterGap: r.gap}
	r.up[*e.ID] = up
	if e.Method != vm.MethodSwingStoreState {
		r.action = up
	}
	return nil
}

func (r *Recording) downcall(e trace.Entry) error {
	if r.action == nil {
		return nil // of an upcall that is not played
	}
	params, err := values(e.Text)
	if err != nil {
		return r.fault(e.Line, err)
	}
	down := &Downcall{Line: e.Line, Method: e.Method, Params: params}
	r.down[*e.ID] = down
	r.action.Downcalls = append(r.action.Downcalls, down)
	return nil
}

func (r *Recording) downcallAnswered(e trace.Entry) error {
	if down := r.down[*e.ID]; down != nil {
		delete(r.down, *e.ID)
		response, err := responseOf(e)
		if err != nil {
			return r.fault(e.Line, err)
		}
		down.Response, down.AnswerLine, down.Took = &response, e.Line, tookOf(e)
	}
	return nil
}

func (r *Recording) upcallAnswered(e trace.Entry) error {
	up := r.up[*e.ID]
	if up == nil {
		return nil
	}
	delete(r.up, *e.ID)
	if up == r.action {
		r.action = nil
	}
	var err error
	if up.Response, err = responseOf(e); err != nil {
		return r.fault(e.Line, err)
	}
	up.Took = tookOf(e)
	return r.Play(up)
}

func tookOf(e trace.Entry) time.Duration {
	if e.Micros == nil {
		return 0
	}
	return time.Duration(*e.Micros) * time.Microsecond
}

func responseOf(e trace.Entry) (r Response, err error) {
	if e.Kind == trace.Answer {
		return Response{Result: bytes.Clone(e.Text)}, nil
	}
	return r, json.Unmarshal(e.Text, &r.Error)
}

// values splits an array of values, and copies them.
func values(array json.RawMessage) (all []json.RawMessage, err error) {
	err = json.Unmarshal(array, &all)
	return all, err
}
