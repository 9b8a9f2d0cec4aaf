// Package replay plays a record of the bridge (`agd start --bridge-trace`) to
// one side alone. A Recording reads the record, upcall by upcall. A Player calls
// a VM as the recorded agd did, answers its downcalls from the record, and
// reports the first difference between what the kernel does and what it did.
package replay

import (
	"bytes"
	"encoding/json"
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
	// Line is the line of the upcall in the record, from 1.
	Line int
	// Run counts the starts of the VM in the record, from 1.
	Run    int
	Method string
	Params []json.RawMessage
	Response
	Took time.Duration
	// Downcalls are in the order in which the VM sent them.
	Downcalls []*Downcall
}

// Downcall is a recorded downcall.
type Downcall struct {
	Line   int
	Method string
	Params []json.RawMessage
	// Response is what agd answered; nil: the record ends before.
	Response *Response
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

// Recording reads a record as a trace.Sink. It holds one exchange in memory. For
// one goroutine.
type Recording struct {
	// Name is the record's name, for errors.
	Name string
	// Play receives each exchange whose response is in the record. Its error
	// ends the reading.
	Play func(*Exchange) error
	// Note receives remarks for people, a line each.
	Note func(text string)

	reader trace.Reader
	run    int
	up     map[uint64]*Exchange
	down   map[uint64]*Downcall
	// action is the block action under way, or nil.
	action *Exchange
	// began: the record's first frame was a handshake.
	began bool
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
		r.Note(fmt.Sprintf("%s:%d: the record ends in the middle of a line", r.Name, entry.Line))
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

// End ends the record. It reports the upcalls without a response.
func (r *Recording) End() {
	for _, up := range r.up {
		r.Note(fmt.Sprintf("%s:%d: %s was not answered: it is not played", r.Name, up.Line, up.Method))
	}
	r.up = nil
}

func (r *Recording) fault(line int, err error) error {
	return fmt.Errorf("%s:%d: %w", r.Name, line, err)
}

func (r *Recording) take(e trace.Entry) error {
	if e.Method == bridge.HandshakeMethod {
		if e.Kind == trace.Call {
			r.End()
			r.began, r.run, r.action = true, e.Run, nil
			r.up, r.down = map[uint64]*Exchange{}, map[uint64]*Downcall{}
		}
		return nil
	}
	if !r.began {
		return r.fault(e.Line, fmt.Errorf("the record does not begin with %s: its beginning is missing", bridge.HandshakeMethod))
	}
	switch {
	case e.Kind == trace.Notify:
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

func (r *Recording) upcall(e trace.Entry) error {
	if !slices.Contains(replayed, e.Method) {
		return nil
	}
	params, err := values(e.Text)
	if err != nil {
		return r.fault(e.Line, err)
	}
	up := &Exchange{Line: e.Line, Run: r.run, Method: e.Method, Params: params}
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
		down.Response = &response
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
	if e.Micros != nil {
		up.Took = time.Duration(*e.Micros) * time.Microsecond
	}
	return r.Play(up)
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
