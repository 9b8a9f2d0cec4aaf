package traceview

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// event is an event of the Trace Event format, which Perfetto and Chrome's
// about:tracing open: a complete event (ph X) or metadata (ph M).
// Source: docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
type event struct {
	Name string `json:"name"`
	Cat  string `json:"cat,omitempty"`
	Ph   string `json:"ph"`
	// Ts and Dur are in microseconds.
	Ts   float64        `json:"ts"`
	Dur  *float64       `json:"dur,omitempty"`
	Pid  int            `json:"pid"`
	Tid  int            `json:"tid"`
	Args map[string]any `json:"args,omitempty"`
}

// The processes of the time line. They are not process ids.
const (
	processAgd = iota + 1
	processAgvm
	processKernel
)

// Threads of a process: tracks. Events of one track nest, so each of several
// calls at the same time has a track of its own, from the base on.
const (
	trackBlocks    = 1
	trackDowncalls = 10
	trackUpcalls   = 1
	trackOthers    = 10
)

// Timeline writes a trace in the Trace Event format. For one goroutine.
type Timeline struct {
	out   *bufio.Writer
	count int
	err   error
	calls Calls
	// lanes are the calls that run, by process and track; nil is free.
	lanes map[[2]int]*Call
	at    map[*Call][2]int
	named map[[2]int]bool
	// block is the block that runs, from its beginBlock to its
	// afterCommitBlock.
	block       int64
	blockBegan  time.Time
	first, last time.Time
}

// NewTimeline returns a Timeline that writes to out. where names a line of the
// trace, and note receives remarks for people. The caller passes Sink to
// trace.ReadAll, then calls Slog if there is one, then End.
func NewTimeline(out io.Writer, where func(line int) string, note func(text string)) *Timeline {
	t := &Timeline{out: bufio.NewWriterSize(out, 1<<20), lanes: map[[2]int]*Call{}, at: map[*Call][2]int{}, named: map[[2]int]bool{}}
	t.calls = Calls{Where: where, Note: note, Began: t.began, Ended: t.ended}
	t.print(`{"displayTimeUnit":"ms","traceEvents":[`)
	t.process(processAgd, "agd")
	t.process(processAgvm, "agvm (VM)")
	return t
}

// Limit leaves out all other blocks. It precedes Sink.
func (t *Timeline) Limit(blocks trace.Blocks) { t.calls.Blocks = blocks }

// Empty reports whether no frame has been drawn.
func (t *Timeline) Empty() bool { return t.calls.last.IsZero() }

// Sink receives the trace.
func (t *Timeline) Sink() trace.Sink { return &t.calls }

// End completes the file.
func (t *Timeline) End() error {
	t.calls.End()
	t.print("\n]}\n")
	if err := t.out.Flush(); t.err == nil {
		t.err = err
	}
	return t.err
}

func (t *Timeline) print(text string) {
	if t.err == nil {
		_, t.err = t.out.WriteString(text)
	}
}

func (t *Timeline) put(e event) {
	text, err := json.Marshal(e)
	if err != nil {
		t.err = err
		return
	}
	if t.count > 0 {
		t.print(",")
	}
	t.count++
	t.print("\n" + string(text))
}

func (t *Timeline) process(pid int, name string) {
	t.put(event{Name: "process_name", Ph: "M", Pid: pid, Args: map[string]any{"name": name}})
	t.put(event{Name: "process_sort_index", Ph: "M", Pid: pid, Args: map[string]any{"sort_index": pid}})
}

func (t *Timeline) track(pid, tid int, name string) {
	if key := [2]int{pid, tid}; !t.named[key] {
		t.named[key] = true
		t.put(event{Name: "thread_name", Ph: "M", Pid: pid, Tid: tid, Args: map[string]any{"name": name}})
		t.put(event{Name: "thread_sort_index", Ph: "M", Pid: pid, Tid: tid, Args: map[string]any{"sort_index": tid}})
	}
}

// span writes an event with a duration.
func (t *Timeline) span(name, category string, start time.Time, took time.Duration, pid, tid int, args map[string]any) {
	micros := float64(took.Nanoseconds()) / 1000
	t.put(event{Name: name, Cat: category, Ph: "X", Ts: microsOf(start), Dur: &micros, Pid: pid, Tid: tid, Args: args})
}

func microsOf(at time.Time) float64 {
	return float64(at.UnixNano()/1000) + float64(at.UnixNano()%1000)/1000
}

// began reserves a track.
func (t *Timeline) began(c *Call) {
	if t.first.IsZero() {
		t.first = c.Start
	}
	pid, base, name := processAgvm, trackOthers, "other upcalls"
	switch {
	case c.From == trace.Agvm:
		pid, base, name = processAgd, trackDowncalls, "downcalls"
	case slices.Contains(vm.BlockActions, c.Method):
		base, name = trackUpcalls, "block actions"
	}
	tid := base
	for t.lanes[[2]int{pid, tid}] != nil {
		tid++
	}
	if tid > base {
		name = fmt.Sprintf("%s (%d at a time)", name, tid-base+1)
	}
	t.track(pid, tid, name)
	t.lanes[[2]int{pid, tid}], t.at[c] = c, [2]int{pid, tid}
	if c.Method == vm.MethodBeginBlock {
		t.block, t.blockBegan = c.Height, c.Start
	}
}

// ended writes the call.
func (t *Timeline) ended(c *Call) {
	at := t.at[c]
	delete(t.at, c)
	delete(t.lanes, at)
	args := map[string]any{"line": c.Line, "requestBytes": c.Request}
	took := c.Took
	category := "upcall"
	if c.From == trace.Agvm {
		category = "downcall"
	}
	if c.Answered() {
		args["responseBytes"] = c.Response
	} else {
		took = t.calls.Last().Sub(c.Start)
		args["unanswered"] = true
	}
	if c.Error != "" {
		args["error"] = c.Error
	}
	if c.Height > 0 {
		args["block"] = c.Height
	}
	t.span(c.Method, category, c.Start, took, at[0], at[1], args)
	t.last = c.Start.Add(took)
	if c.Method == vm.MethodAfterCommitBlock && c.Answered() && c.Height == t.block && c.Height > 0 {
		t.track(processAgd, trackBlocks, "blocks")
		t.span(fmt.Sprintf("block %d", c.Height), "block", t.blockBegan, t.last.Sub(t.blockBegan), processAgd, trackBlocks, map[string]any{"block": c.Height})
		t.block = 0
	}
}
