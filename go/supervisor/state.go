package supervisor

import "sync"

// State is where the life of a VM stands, in either mode. docs/lifecycle.md
// draws the states and what leads from one to the other.
type State string

const (
	// StateStarting: the VM was started, or hosts us, and has not shaken hands.
	StateStarting State = "starting"
	// StateRunning: block actions run.
	StateRunning State = "running"
	// StateDraining: a stop was asked for. The running block action ends, no
	// other begins.
	StateDraining State = "draining"
	// StateStopping: the VM was told to end, and the bridge is closed.
	StateStopping State = "stopping"
	// StateEnded: the VM's process and all below it have ended and were
	// reaped. In-process, where that is our own end, nobody sees it.
	StateEnded State = "ended"
)

// order of the states: they are entered in this order alone, and may be left
// out.
var order = map[State]int{
	StateStarting: 0, StateRunning: 1, StateDraining: 2, StateStopping: 3, StateEnded: 4,
}

// Lifecycle holds the state of one VM. All methods may be called from any
// goroutine.
type Lifecycle struct {
	watch func(from, to State)

	mu    sync.Mutex
	state State
}

// NewLifecycle begins in StateStarting. watch, which may be nil, is told of
// each step, one at a time; it must not call the Lifecycle.
func NewLifecycle(watch func(from, to State)) *Lifecycle {
	if watch == nil {
		watch = func(State, State) {}
	}
	return &Lifecycle{watch: watch, state: StateStarting}
}

// State returns the present state.
func (l *Lifecycle) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

// Enter goes on to a later state and says whether it did: it does not go back,
// nor enter a state twice.
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
