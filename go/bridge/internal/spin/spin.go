// Package spin waits by spinning before it sleeps, because waking up takes
// longer than most responses.
package spin

import (
	"runtime"
	"sync/atomic"
	"time"
)

const (
	// maxSpin bounds the spin before a sleep. It must exceed the wake-up
	// latency, some 60 µs in a virtual machine. Otherwise each side would
	// always stop spinning just before the other is awake.
	maxSpin = 100 * time.Microsecond
	// maxAlone bounds how long a spinner keeps its CPU from other threads,
	// which may include the peer. maxApart is the bound if the peer ran on
	// another CPU. It is longer because a yield takes so long that the response
	// would arrive during it.
	maxAlone = 2 * time.Microsecond
	maxApart = 30 * time.Microsecond
	// spinLoads is the number of polls between readings of the clock.
	spinLoads = 8
)

// Spinner decides from the durations of earlier waits whether to spin before a
// sleep. After several consecutive waits longer than maxSpin it spins only now
// and then, to see whether waits have become short. A single long wait means
// little: it looks like the time between two bursts of messages. Without
// spinning even short waits are long, because of the wake-up latency. It does
// not spin for an idle peer, nor on a machine with one CPU, where it would keep
// the peer from running.
//
// The zero value is ready to use. Several goroutines may wait with one Spinner;
// one of them spins at a time.
type Spinner struct {
	// misses counts the consecutive long waits.
	misses atomic.Int32
	busy   atomic.Bool
	// IsApart, if not nil, reports whether the peer's last reported CPU is
	// another one. It is called at most once in a wait, after maxAlone.
	IsApart func() bool
}

const (
	// After mostMisses consecutive misses only every retryth wait spins.
	mostMisses = 8
	retry      = 16
)

var processors = runtime.NumCPU()

// Wait spins on ready, if that is worth it, and then calls sleep, which returns
// when ready is true. It returns the time waited. Without a sleep, that is the
// last reading of the clock, which precedes the last poll, because the caller
// has work to do by then.
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
			// The peer may be waiting for this CPU.
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
