package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// exportData is the downcall by which the kernel's store passes on its changes.
// How it cuts them into calls depends on timing, so they are compared as one
// list.
const exportData = "swingset.SwingStoreUpdateExportData"

// Player plays exchanges to a VM. Play returns a *Difference if the kernel differs
// from the trace. It must not be used concurrently.
type Player struct {
	// Answered, if set, receives how long agd took for downcalls that are equal to
	// the trace's: in the trace, and here, without the frames' way. It is called
	// during Play, once at a time.
	Answered func(method string, calls int, recorded, replayed time.Duration)
	// All, if set, receives all differences, and the kernel goes on after each.
	All *Differences

	bridge bridge.Bridge

	mu sync.Mutex
	// current is the upcall under way; nil between two.
	current *playing
}

// playing is an upcall under way. Player.mu guards it.
type playing struct {
	*Exchange
	// queues are the recorded downcalls that have not come, by module.
	queues map[string][]*Downcall
	// before are the downcalls that came, by module, the last ones.
	before map[string][]string
	// exports are the changes of the kernel's store: recorded, and those that
	// came.
	expected, came []json.RawMessage
	// exports and exported are the number of the recorded calls for these changes,
	// and agd's time for them; answered is the time here.
	exports            int
	exported, answered time.Duration
	difference         *Difference
	// differs is called at the first difference, and where the kernel goes on
	// beyond a trace that is Cut, which sets beyond.
	differs func()
	beyond  bool
	// matching is set if the kernel goes on after a difference.
	matching *matching
}

// NewPlayer takes over the downcalls of a bridge to a VM that has completed the
// handshake. The caller keeps the bridge.
func NewPlayer(b bridge.Bridge) (*Player, error) {
	p := &Player{bridge: b}
	for _, method := range vm.DowncallMethods {
		if err := b.Handle(method, p.handler(method)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Play makes the upcall of an exchange, and returns how long it took. The error
// is a *Difference, ErrBeyond, that of ctx, or the bridge's;
// with All, a *stoppedError instead of a *Difference, if the kernel cannot go on.
func (p *Player) Play(ctx context.Context, e *Exchange) (time.Duration, error) {
	params := e.Params
	if e.Method == vm.MethodInit {
		var err error
		if params, err = withoutFiles(params); err != nil {
			return 0, err
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	now := newPlaying(e, cancel)
	if p.All != nil {
		now.matching = p.All.match(e, now.queues)
	}
	p.set(now)
	defer p.set(nil)
	began := time.Now()
	result, err := p.bridge.Call(ctx, e.Method, params...)
	took := time.Since(began)
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.matching != nil {
		p.answeredExports(now)
		return took, now.compare(result, err)
	}
	if now.difference != nil {
		return took, now.difference
	}
	if now.beyond {
		return took, ErrBeyond
	}
	came := Response{Result: result}
	if err != nil {
		var remote *bridge.RemoteError
		if !errors.As(err, &remote) {
			return took, err
		}
		came = Response{Error: &remote.Message}
	}
	if d := now.rest(came); d != nil && !e.Unchecked {
		return took, d
	}
	p.answeredExports(now)
	return took, nil
}

func (p *Player) answeredExports(now *playing) {
	if now.exports > 0 {
		p.answered(exportData, now.exports, now.exported, now.answered)
	}
}

// ErrBeyond is the error of an exchange that is Cut: the kernel did all that the
// record has, and goes on.
var ErrBeyond = errors.New("the trace ends here, and the kernel goes on")

func newPlaying(e *Exchange, differs func()) *playing {
	now := &playing{Exchange: e, queues: map[string][]*Downcall{}, before: map[string][]string{}, differs: differs}
	for _, down := range e.Downcalls {
		if down.Method == exportData {
			now.expected = append(now.expected, down.Params...)
			now.exports++
			now.exported += down.Took
			continue
		}
		module := moduleOf(down.Method)
		now.queues[module] = append(now.queues[module], down)
	}
	return now
}

func moduleOf(method string) string {
	module, _, _ := strings.Cut(method, ".")
	return module
}

func (p *Player) set(now *playing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current = now
}

// handler answers a downcall from the trace.
func (p *Player) handler(method string) bridge.Handler {
	return func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.current == nil {
			return nil, errors.New(method + " outside an upcall")
		}
		began := time.Now()
		response, own, ok := p.current.answer(method, params)
		switch took := time.Since(began); {
		case method == exportData:
			p.current.answered += took
		case own != nil:
			p.answered(method, 1, own.Took, took)
		}
		switch {
		case !ok:
			return nil, errors.New(method + " differs from the trace")
		case response.Error != nil:
			return nil, &bridge.RemoteError{Message: *response.Error}
		}
		return response.Result, nil
	}
}

func (p *Player) answered(method string, calls int, recorded, replayed time.Duration) {
	if p.Answered != nil {
		p.Answered(method, calls, recorded, replayed)
	}
}

// answer returns the answer to a downcall, and the recorded downcall that it is.
// It reports false if there is none: without matching, if the downcall is not the
// next of its module.
func (now *playing) answer(method string, params []json.RawMessage) (r Response, own *Downcall, ok bool) {
	if method == exportData {
		for _, param := range params {
			now.came = append(now.came, bytes.Clone(param))
		}
		return Response{Result: json.RawMessage("true")}, nil, true
	}
	if now.matching != nil {
		return now.answerMatched(method, params)
	}
	module := moduleOf(method)
	queue := now.queues[module]
	text := callText(method, params)
	if now.Cut && (len(queue) == 0 || queue[0].Response == nil) {
		now.beyond = true
		now.differs()
		return r, nil, false
	}
	if len(queue) == 0 {
		now.differ(Difference{Line: now.Line, Came: text, Before: now.before[module]})
		return r, nil, false
	}
	next := queue[0]
	if next.Method != method || !equalValues(next.Params, params) {
		now.differ(Difference{Line: next.Line, Expected: callText(next.Method, next.Params), Came: text, Before: now.before[module]})
		return r, nil, false
	}
	if next.Response == nil {
		now.differ(Difference{Line: next.Line, Expected: "the end: agd did not answer " + text, Came: text, Before: now.before[module]})
		return r, nil, false
	}
	now.queues[module] = queue[1:]
	before := append(now.before[module], text)
	now.before[module] = before[max(0, len(before)-mostNeighbours):]
	return *next.Response, next, true
}

// differ records the first difference.
func (now *playing) differ(d Difference) *Difference {
	if now.difference == nil {
		d.Height, d.Method = now.Height(), now.Method
		now.difference = &d
		now.differs()
	}
	return now.difference
}

// rest compares what is left at the end of an upcall.
func (now *playing) rest(came Response) *Difference {
	first := (*Downcall)(nil)
	for _, queue := range now.queues {
		if len(queue) > 0 && (first == nil || queue[0].Line < first.Line) {
			first = queue[0]
		}
	}
	switch {
	case first != nil:
		return now.differ(Difference{Line: first.Line, Expected: callText(first.Method, first.Params), Before: now.before[moduleOf(first.Method)]})
	case now.Cut: // it returned
		return nil
	case !equalResponse(now.Response, came):
		return now.differ(Difference{Line: now.Line, Expected: now.Response.text(), Came: came.text()})
	}
	for i := range max(len(now.expected), len(now.came)) {
		expected, came := at(now.expected, i), at(now.came, i)
		if !equalValue(expected, came) {
			return now.differ(Difference{Line: now.Line, Expected: changeText(expected), Came: changeText(came)})
		}
	}
	return nil
}

func at(values []json.RawMessage, i int) json.RawMessage {
	if i < len(values) {
		return values[i]
	}
	return nil
}

func changeText(change json.RawMessage) string {
	if change == nil {
		return ""
	}
	return "kernel's store: " + string(change)
}

// filesOfInit are the members of INIT's resolvedConfig that name files of the
// recorded node.
var filesOfInit = []string{"slogfile", "vatSnapshotArchiveDir", "vatTranscriptArchiveDir"}

// withoutFiles removes filesOfInit from INIT's param, so that a replay does not
// write to them.
func withoutFiles(params []json.RawMessage) ([]json.RawMessage, error) {
	var action, config map[string]json.RawMessage
	if len(params) == 0 {
		return params, nil
	}
	if err := json.Unmarshal(params[0], &action); err != nil {
		return nil, fmt.Errorf("%s: %w", vm.MethodInit, err)
	}
	if json.Unmarshal(action["resolvedConfig"], &config) != nil {
		return params, nil
	}
	for _, name := range filesOfInit {
		delete(config, name)
	}
	var err error
	if action["resolvedConfig"], err = vm.Marshal(config); err != nil {
		return nil, err
	}
	param, err := vm.Marshal(action)
	return append([]json.RawMessage{param}, params[1:]...), err
}
