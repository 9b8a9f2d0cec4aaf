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
	// maxSpin bounds how long somebody spins before it sleeps. It must be longer
	// than waking up takes, some 60 µs in a virtual machine: with less, each
	// side would give up just before the other is awake, for ever.
	maxSpin = 100 * time.Microsecond
	// firstLoads is how often the memory is looked at before anything else, in
	// about two microseconds; spinLoads, between looks at the clock.
	firstLoads = 1200
	spinLoads  = 300
)

// spinner decides whether to spin before a sleep, by what the waits before were
// worth: after several in a row that took longer than maxSpin it does so only
// now and then, to see whether that has changed. A single long wait means
// little: it is what the time between two bursts of messages looks like, and
// without spinning even short waits are long, because waking up is. Nobody
// spins for a peer that is idle, nor on a machine with one processor, where it
// would keep the peer from running.
type spinner struct {
	// misses counts the long waits in a row.
	misses int
}

const (
	// mostMisses in a row, and only every retryth wait spins.
	mostMisses = 8
	retry      = 16
)

var processors = runtime.NumCPU()

// wait looks at ready for a while, if that is worth it, and then calls sleep,
// which returns when ready is true.
func (s *spinner) wait(ready func() bool, sleep func()) {
	spins := processors > 1 && (s.misses < mostMisses || s.misses%retry == 0)
	if spins && look(ready, firstLoads) {
		s.misses = 0
		return // so soon that the clock need not tell
	}
	start := time.Now()
	for {
		if !spins || time.Since(start) > maxSpin {
			sleep()
			break
		}
		// The peer may wait for this very processor.
		_, _, _ = unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
		if look(ready, spinLoads) {
			break
		}
	}
	if time.Since(start) > maxSpin {
		s.misses++
	} else {
		s.misses = 0
	}
}

func look(ready func() bool, times int) bool {
	for range times {
		if ready() {
			return true
		}
	}
	return false
}
