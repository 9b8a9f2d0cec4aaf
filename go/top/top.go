// Package top observes a running node from outside, for `agd top`: the node's
// RPC, its metrics (docs/monitoring.md) and /proc. It changes nothing.
package top

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

// View is what is known of a node at one time. Rates and means are those since
// the view before; of a first view, since the node's start.
type View struct {
	Time time.Time `json:"time"`
	Home string    `json:"home"`
	// PID is agd's process; 0: no node runs on the home.
	PID int `json:"pid"`
	// Mode, Transport and Jail are "" without metrics.
	Mode      string `json:"mode"`
	Transport string `json:"transport"`
	Jail      string `json:"jail"`
	// Height is that of the last block that is stored, 0 before the first one.
	Height int64 `json:"height"`
	// Completed is the height of the last block that agd has executed: it is
	// Height, or the block before while agd executes a block.
	Completed  int64     `json:"completed"`
	BlockTime  time.Time `json:"block_time"`
	CatchingUp bool      `json:"catching_up"`
	Peers      int       `json:"peers"`
	// BlockSeconds is the mean time of a block; 0: no block was made.
	BlockSeconds float64 `json:"block_seconds"`
	// Phases are the block actions, in the order of a block.
	Phases []Phase `json:"phases"`
	// Running are the calls of the kernel that have not ended.
	Running []Running `json:"running"`
	// Downcalls are the kernel's calls a second.
	Downcalls float64 `json:"downcalls_per_second"`
	Queues    []Queue `json:"queues"`
	// Processes are agd first, then those below it.
	Processes []Process `json:"processes"`
	// Notes say what could not be read, and why.
	Notes []string `json:"notes"`
}

// Phase is a block action.
type Phase struct {
	Method string `json:"method"`
	// Calls is their number.
	Calls uint64 `json:"calls"`
	// MeanSeconds is the mean duration; 0 without calls.
	MeanSeconds float64 `json:"mean_seconds"`
}

// Running is a call of the kernel that runs.
type Running struct {
	Method string `json:"method"`
	// Seconds is how long it has been seen to run; it may have begun before.
	Seconds float64 `json:"seconds"`
}

// Queue is a queue of the bridge in agd.
type Queue struct {
	Name     string `json:"name"`
	Messages int64  `json:"messages"`
	Bytes    int64  `json:"bytes"`
}

// Process is a process of the node.
type Process struct {
	PID  int    `json:"pid"`
	Name string `json:"name"`
	// CPU is in cores: 1 is one core, fully used.
	CPU float64 `json:"cpu"`
	// Memory is the resident set, in bytes.
	Memory int64 `json:"memory_bytes"`
	// seconds of CPU time since its start.
	seconds float64
	started time.Time
}

// phases are the methods of the block actions, in the order of a block.
var phases = []string{vm.MethodBeginBlock, vm.MethodEndBlock, vm.MethodCommitBlock, vm.MethodAfterCommitBlock}

// Sources are where an Observer reads. Each may fail: the view then has a note.
type Sources struct {
	// Holder returns the process that runs on the home; 0: none.
	Holder func() int
	// Status asks the node's RPC.
	Status func(ctx context.Context) (Status, error)
	// Metrics scrapes the node; nil: NoMetrics says why not.
	Metrics   func(ctx context.Context) (Metrics, error)
	NoMetrics string
	// Processes returns a process and those below it.
	Processes func(pid int) ([]Process, error)
	Now       func() time.Time
}

// Status is the answer of the node's RPC.
type Status struct {
	Height     int64
	Completed  int64
	BlockTime  time.Time
	CatchingUp bool
	Peers      int
}

// Observer makes views. Not for concurrent use.
type Observer struct {
	home    string
	sources Sources
	last    reading
	// since is when a running call was first seen, by method.
	since map[string]run
}

type reading struct {
	at        time.Time
	pid       int
	status    Status
	metrics   Metrics
	processes map[int]Process
}

// run is one run of a method: the number of calls that had ended before.
type run struct {
	ended uint64
	at    time.Time
}

// NewObserver returns an observer of the node of a home.
func NewObserver(home string, sources Sources) *Observer {
	return &Observer{home: home, sources: sources, since: map[string]run{}}
}

// Observe reads all sources once.
func (o *Observer) Observe(ctx context.Context) View {
	now := reading{at: o.sources.Now(), pid: o.sources.Holder(), processes: map[int]Process{}}
	view := View{Time: now.at, Home: o.home, PID: now.pid, Phases: []Phase{}, Running: []Running{}, Queues: []Queue{}, Processes: []Process{}, Notes: []string{}}
	if now.pid == 0 {
		view.Notes = append(view.Notes, "no node runs on this home")
		o.last, o.since = now, map[string]run{}
		return view
	}
	before := o.last
	if before.pid != now.pid {
		before = reading{}
		o.since = map[string]run{}
	}
	note := func(err error) {
		if err != nil {
			view.Notes = append(view.Notes, err.Error())
		}
	}
	var err error
	now.status, err = o.sources.Status(ctx)
	note(err)
	view.Height, view.Completed, view.BlockTime = now.status.Height, now.status.Completed, now.status.BlockTime
	view.CatchingUp, view.Peers = now.status.CatchingUp, now.status.Peers
	if blocks := now.status.Height - before.status.Height; before.status.Height > 0 && blocks > 0 {
		view.BlockSeconds = now.status.BlockTime.Sub(before.status.BlockTime).Seconds() / float64(blocks)
	}
	processes, err := o.sources.Processes(now.pid)
	note(err)
	for _, process := range processes {
		was, known := before.processes[process.PID]
		from, used := process.started, process.seconds
		if known {
			from, used = before.at, used-was.seconds
		}
		process.CPU = rate(used, now.at.Sub(from))
		now.processes[process.PID] = process
		view.Processes = append(view.Processes, process)
	}
	if o.sources.Metrics == nil {
		view.Notes = append(view.Notes, o.sources.NoMetrics)
	} else if now.metrics, err = o.sources.Metrics(ctx); err != nil {
		note(err)
	} else {
		o.measure(&view, before, now)
	}
	o.last = now
	return view
}

// measure adds what the metrics say.
func (o *Observer) measure(view *View, before, now reading) {
	view.Mode, view.Transport, view.Jail = now.metrics.Mode, now.metrics.Transport, now.metrics.Jail
	for _, method := range phases {
		calls, was := now.metrics.Up[method], before.metrics.Up[method]
		phase := Phase{Method: method, Calls: calls.Count - was.Count}
		if phase.Calls > 0 {
			phase.MeanSeconds = (calls.Seconds - was.Seconds) / float64(phase.Calls)
		}
		view.Phases = append(view.Phases, phase)
	}
	for method, calls := range now.metrics.Up {
		seen, runs := o.since[method]
		switch {
		case calls.Running == 0:
			delete(o.since, method)
			continue
		case !runs || seen.ended != calls.Count:
			seen = run{ended: calls.Count, at: now.at}
			o.since[method] = seen
		}
		view.Running = append(view.Running, Running{Method: method, Seconds: now.at.Sub(seen.at).Seconds()})
	}
	slices.SortFunc(view.Running, func(a, b Running) int { return strings.Compare(a.Method, b.Method) })
	interval := now.at.Sub(before.at)
	if before.at.IsZero() && len(view.Processes) > 0 {
		interval = now.at.Sub(view.Processes[0].started)
	}
	view.Downcalls = rate(float64(now.metrics.Down-before.metrics.Down), interval)
	view.Queues = append(view.Queues, now.metrics.Queues...)
}

// rate is an amount a second.
func rate(amount float64, interval time.Duration) float64 {
	if interval <= 0 || amount < 0 {
		return 0
	}
	return amount / interval.Seconds()
}
