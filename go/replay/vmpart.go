package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// errOver is the error of an upcall that the trace, or the current run of it,
// does not have to its end.
var errOver = errors.New("the trace ends here")

// errDiffers is the error of an upcall in which the chain differs. The
// difference itself is in vmPart.
var errDiffers = errors.New("the chain differs from the trace")

// vmPart plays the VM's part of a trace to a chain. In each upcall it makes the
// recorded downcalls in the recorded order, compares their answers, and returns
// the recorded response. The chain makes one upcall at a time; its driver uses
// vmPart only between two upcalls.
type vmPart struct {
	record *exchangeReader
	report *Report
	blocks blockTimer
	// buffered are exchanges that were read ahead.
	buffered []*Exchange
	// now is the next exchange, nil at the end of the trace.
	now *Exchange
	// run is the run of the trace that is played.
	run int
	// init is the last start of a kernel in the trace.
	init *Exchange
	// inside: the chain starts in the middle of a run. Its upcall Init, which the
	// record does not have there, is answered as init was.
	inside bool
	// last is the exchange before now, and returned when its response was sent.
	last     *Exchange
	returned time.Time
	// Why the last upcall failed, if it did: one of the three.
	difference *Difference
	over       bool
	err        error
}

// advance reads the next exchange.
func (p *vmPart) advance() (err error) {
	for {
		if len(p.buffered) > 0 {
			p.now, p.buffered = p.buffered[0], p.buffered[1:]
		} else if p.now, err = p.record.next(); err != nil {
			return err
		}
		if p.now == nil || p.now.Method != vm.MethodSwingStoreState {
			return nil
		}
	}
}

// seek reads to where the replay begins: the first start of a kernel, or else
// the first beginning of a block, that is not before a block.
func (p *vmPart) seek(from int64) error {
	if err := p.advance(); err != nil {
		return err
	}
	gap, err := p.gap()
	if err != nil {
		return err
	}
	for p.now != nil {
		e := p.now
		switch {
		case e.Method == vm.MethodInit:
			p.init = e
			if e.Height() >= from && !gap {
				return nil
			}
		case e.Method == vm.MethodBeginBlock && e.Height() >= from && (e.AfterGap || !gap):
			if p.init == nil {
				return p.record.fault(e.Line, fmt.Errorf("%s without %s before it: the run's beginning is missing", e.Method, vm.MethodInit))
			}
			p.inside = true
			return nil
		}
		if err := p.advance(); err != nil {
			return err
		}
	}
	if from > 0 && p.init != nil {
		return fmt.Errorf("the trace has no beginning of block %d or a later one: name an earlier block with --from", from)
	}
	return nil
}

// gap reports whether frames are missing, which happens only in the file of a
// flight recorder. That file is small; gap reads it into memory.
func (p *vmPart) gap() (found bool, err error) {
	if p.now == nil || p.record.recording.Head.Reason == "" {
		return false, nil
	}
	for {
		e, err := p.record.next()
		if e == nil || err != nil {
			return found, err
		}
		p.buffered = append(p.buffered, e)
		found = found || e.AfterGap
	}
}

// serve registers the upcalls with the VM's end of a bridge.
func (p *vmPart) serve(b bridge.Bridge) error {
	for _, method := range vm.BlockActions {
		err := b.Handle(method, func(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
			return p.upcall(ctx, b, method, params)
		})
		if err != nil {
			return err
		}
	}
	// A chain that begins with an export has the kernel's store restored. Here
	// there is none.
	return b.Handle(vm.MethodSwingStoreExport, func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
		var action struct {
			Request string `json:"request"`
		}
		if len(params) != 1 || json.Unmarshal(params[0], &action) != nil || action.Request != "restore" {
			return nil, errors.New("a replay has no kernel's store to export")
		}
		return json.RawMessage("null"), nil
	})
}

// upcall plays the next exchange.
func (p *vmPart) upcall(ctx context.Context, b bridge.Bridge, method string, params []json.RawMessage) (json.RawMessage, error) {
	if p.inside && method == vm.MethodInit {
		p.inside = false
		return p.init.Result, nil
	}
	e := p.now
	if e == nil || e.Run != p.run {
		p.over = true
		return nil, errOver
	}
	p.between(e)
	p.report.count(e)
	if e.Cut || e.Error != nil {
		p.report.End = endOf(e)
	}
	if d := upcallDiffers(e, method, params); d != nil {
		return nil, p.differs(e, d)
	}
	if err := p.downcalls(ctx, b, e); err != nil {
		return nil, err
	}
	if e.Cut {
		p.now, p.over = nil, true
		return nil, errOver
	}
	p.last = e
	if p.err = p.advance(); p.err != nil {
		return nil, p.err
	}
	p.returned = time.Now()
	if e.Error != nil {
		return nil, &bridge.RemoteError{Message: *e.Error}
	}
	return e.Result, nil
}

// between adds the time that the chain took between two upcalls of a block.
func (p *vmPart) between(e *Exchange) {
	last := p.last
	if last == nil || last.Run != e.Run || last.Method == vm.MethodInit || last.Height() != e.Height() {
		return
	}
	name := last.Method + " → " + e.Method
	recorded, replayed := e.At.Sub(last.At.Add(last.Took)), time.Since(p.returned)
	p.report.Times.add(name, 1, recorded, replayed)
	p.blocks.block(e).Phases.add(name, 1, recorded, replayed)
}

// downcalls makes the downcalls of an exchange.
func (p *vmPart) downcalls(ctx context.Context, b bridge.Bridge, e *Exchange) error {
	var before []string
	for _, down := range e.Downcalls {
		began := time.Now()
		result, err := b.Call(ctx, down.Method, down.Params...)
		came := Response{Result: result}
		if err != nil {
			var remote *bridge.RemoteError
			if !errors.As(err, &remote) {
				return err
			}
			came = Response{Error: &remote.Message}
		}
		text := callText(down.Method, down.Params)
		switch {
		case down.Response == nil && (e.Cut || down.Method == exportData): // it came after the upcall's, or the trace ends before
		case down.Response == nil:
			p.err = p.record.fault(down.Line, fmt.Errorf("the trace has no answer to %s: frames are missing", down.Method))
			return p.err
		case !equalResponse(*down.Response, came):
			return p.differs(e, &Difference{Line: down.AnswerLine, Expected: text + " → " + down.Response.text(), Came: text + " → " + came.text(), Before: before})
		default:
			took := time.Since(began)
			p.report.Times.add(down.Method, 1, down.Took, took)
			p.blocks.block(e).Downcalls.add(down.Method, 1, down.Took, took)
		}
		before = append(before, text)
		before = before[max(0, len(before)-mostNeighbours):]
	}
	return nil
}

func (p *vmPart) differs(e *Exchange, d *Difference) error {
	d.Height, d.Method = e.Height(), e.Method
	d.title = fmt.Sprintf("block %d, %s: the chain does not do what line %d of the trace says", d.Height, d.Method, d.Line)
	p.difference = d
	return errDiffers
}

// upcallDiffers compares an upcall with that of the trace.
func upcallDiffers(e *Exchange, method string, params []json.RawMessage) *Difference {
	d := &Difference{Line: e.Line, Expected: callText(e.Method, e.Params), Came: callText(method, params)}
	if e.Method != method {
		return d
	}
	expected, came := e.Params, params
	if method == vm.MethodInit {
		expected, came = withoutConfig(expected), withoutConfig(came)
	}
	if equalValues(expected, came) {
		return nil
	}
	return d
}

// withoutConfig removes from INIT's param the options of the node, which depend
// on the node.
func withoutConfig(params []json.RawMessage) []json.RawMessage {
	var action map[string]json.RawMessage
	if len(params) == 0 || json.Unmarshal(params[0], &action) != nil {
		return params
	}
	delete(action, "resolvedConfig")
	param, err := vm.Marshal(action)
	if err != nil {
		return params
	}
	return append([]json.RawMessage{param}, params[1:]...)
}
