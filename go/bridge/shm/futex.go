package shm

import (
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// FUTEX_WAIT and FUTEX_WAKE of linux/futex.h, across processes.
const (
	futexWaitOp = 0
	futexWakeOp = 1
)

// futexWait sleeps while the word is val, but no longer than limit.
func futexWait(word *atomic.Uint32, val uint32, limit time.Duration) {
	timeout := unix.NsecToTimespec(int64(limit))
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWaitOp,
		uintptr(val), uintptr(unsafe.Pointer(&timeout)), 0, 0)
}

// futexWake wakes who sleeps on the word.
func futexWake(word *atomic.Uint32) {
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWakeOp, 1, 0, 0, 0)
}

const (
	// maxSpin bounds how long somebody spins before it sleeps: somewhat longer
	// than a sleep and a wake cost.
	maxSpin = 50 * time.Microsecond
	// spinLoads is how often the memory is looked at between looks at the clock.
	spinLoads = 100
)

// spinner decides how long to spin before a sleep, by what the waits before
// were worth: one that ended within maxSpin allows the next to spin, one that
// did not halves it. So nobody spins for a peer that is idle, nor on a machine
// with one processor, where it would keep the peer from running.
type spinner struct{ budget time.Duration }

var processors = runtime.NumCPU()

// spin looks at ready until the budget is used; it tells whether ready was.
func (s *spinner) spin(start time.Time, ready func() bool) bool {
	if s.budget == 0 {
		return false
	}
	for {
		for range spinLoads {
			if ready() {
				return true
			}
		}
		if time.Since(start) > s.budget {
			return false
		}
	}
}

// learn takes how long a wait was.
func (s *spinner) learn(waited time.Duration) {
	switch {
	case processors == 1:
	case waited <= maxSpin:
		s.budget = maxSpin
	case s.budget > time.Microsecond:
		s.budget /= 2
	default:
		s.budget = 0
	}
}
