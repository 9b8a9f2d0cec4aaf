package supervisor

import "sync"

// State is a state in the life of a VM, in either mode. docs/lifecycle.md draws
// the states and their transitions.
type State string

const (
	// StateStarting: the VM was started, or hosts agd, and the handshake is not
	// complete.
	StateStarting State = "starting"
	// StateRunning: block actions run.
	StateRunning State = "running"
	// StateDraining: a stop was requested. The running block action finishes;
	// no other starts.
	StateDraining State = "draining"
	// StateStopping: the VM was asked to exit, and the bridge is closed.
	StateStopping State = "stopping"
	// StateEnded: the VM's process and all its descendants have exited and were
	// reaped. In-process this state is not observable.
	StateEnded State = "ended"
)

// order of the states. They are entered only in this order; states may be
// skipped.
var order = map[State]int{
	StateStarting: 0, StateRunning: 1, StateDraining: 2, StateStopping: 3, StateEnded: 4,
}

// Lifecycle holds the state of one VM. All methods are safe for concurrent use.
type Lifecycle struct {
	watch func(from, to State)

	mu    sync.Mutex
	state State
}

// NewLifecycle returns a Lifecycle in StateStarting. watch, which may be nil,
// is called for each transition, one at a time. It must not call the Lifecycle.
func NewLifecycle(watch func(from, to State)) *Lifecycle {
	if watch == nil {
		watch = func(State, State) {}
	}
	return &Lifecycle{watch: watch, state: StateStarting}
}

// State returns the current state.
func (l *Lifecycle) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

// Enter moves to a later state and reports whether it did. It never moves back,
// nor enters a state twice.
func (l *Lifecycle) Enter(to State) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if order[to] <= order[l.state] {
		return false
	}
	from := l.state
	l.state = to
	l.watch(from, to)
	return true
}
