// Package spin waits by looking before it sleeps: waking up takes longer than
// most answers do.
package spin

import (
	"runtime"
	"sync/atomic"
	"time"
)

const (
	// maxSpin bounds how long somebody spins before it sleeps. It must be longer
	// than waking up takes, some 60 µs in a virtual machine: with less, each
	// side would give up just before the other is awake, for ever.
	maxSpin = 100 * time.Microsecond
	// maxAlone bounds how long it keeps its processor from others meanwhile,
	// among whom the peer may be; maxApart, if the peer was elsewhere: a yield
	// takes so long that an answer comes in the midst of it.
	maxAlone = 2 * time.Microsecond
	maxApart = 30 * time.Microsecond
	// spinLoads is how often the memory is looked at between looks at the clock.
	spinLoads = 8
)

// Spinner decides whether to spin before a sleep, by what the waits before were
// worth: after several in a row that took longer than maxSpin it does so only
// now and then, to see whether that has changed. A single long wait means
// little: it is what the time between two bursts of messages looks like, and
// without spinning even short waits are long, because waking up is. Nobody
// spins for a peer that is idle, nor on a machine with one processor, where it
// would keep the peer from running. The zero value is ready. Several goroutines
// may wait with one; one of them spins at a time.
type Spinner struct {
	// misses counts the long waits in a row.
	misses atomic.Int32
	busy   atomic.Bool
	// IsApart, if not nil, tells whether the peer ran on another processor when
	// it was last heard of. It is asked once in a wait, if that takes long.
	IsApart func() bool
}

const (
	// mostMisses in a row, and only every retryth wait spins.
	mostMisses = 8
	retry      = 16
)

var processors = runtime.NumCPU()

// Wait looks at ready for a while, if that is worth it, and then calls sleep,
// which returns when ready is true. It tells how long that took: as of the last
// look at the clock, which comes before ready, if it did not sleep. The caller
// has something to do by then.
func (s *Spinner) Wait(ready func() bool, sleep func()) (waited time.Duration) {
	misses := s.misses.Load()
	spins := processors > 1 && (misses < mostMisses || misses%retry == 0) && s.busy.CompareAndSwap(false, true)
	if spins {
		defer s.busy.Store(false)
	}
	start := time.Now()
	asked, alone := s.IsApart == nil, maxAlone
	for !spins || !look(ready, spinLoads) {
		waited = time.Since(start)
		if !spins || waited > maxSpin {
			sleep()
			waited = time.Since(start)
			break
		}
		if waited > alone && !asked {
			if asked = true; s.IsApart() {
				alone = maxApart
			}
		}
		if waited > alone {
			// The peer may wait for this very processor.
			yield()
		}
	}
	if waited > maxSpin {
		s.misses.Add(1)
	} else if misses != 0 {
		s.misses.Store(0)
	}
	return waited
}

func look(ready func() bool, times int) bool {
	for range times {
		if ready() {
			return true
		}
		pause()
	}
	return false
}
