//go:build linux

package shm

import (
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// longWait is longer than a useful spin and than the wake-up latency.
	longWait = 100 * time.Microsecond
	// After longWaits consecutive long waits the reader sleeps near the peer,
	// until shortWaits consecutive short ones, with which a burst of calls
	// begins.
	longWaits, shortWaits = 4, 3
	// mostTogether is the number of consecutive spins on the peer's CPU after
	// which the reader leaves that CPU.
	mostTogether = 3
)

// nearness decides whether the reader sleeps near the peer, that is, on the peer's
// CPU. A reader that is woken there continues as soon as the peer waits for it.
// An idle core would have to leave its sleep state first, which takes ten times
// as long (docs/decisions/0008-frames-between-two-processes.md). While both are
// awake, they would compete for that CPU, so another CPU serves a burst of
// calls better. For one goroutine at a time.
type nearness struct {
	// peers is the peer's last reported CPU number plus 1; 0 if unknown. own is
	// where this side publishes its CPU number plus 1, and published is that
	// value.
	peers, own *atomic.Uint32
	published  uint32
	near       bool
	// row counts the latest consecutive waits that speak against near.
	row int
	// thread is the id of the thread that stays near, or 0; before is where it
	// could run before, and to where it may run now.
	thread     int
	before, to unix.CPUSet
	// together counts the consecutive spins on the peer's CPU.
	together int
}

// after decides from the duration of a wait.
func (n *nearness) after(wait time.Duration) {
	if isLong := wait > longWait; isLong == n.near {
		n.row = 0
		return
	}
	n.row++
	switch {
	case n.near && n.row == shortWaits:
		n.leave()
	case !n.near && n.row >= longWaits && n.peers.Load() != 0 && runtime.NumCPU() > 1:
		n.near, n.row = true, 0
	}
}

// sleep calls sleep, which sleeps in a system call, near the peer if so decided.
// It clears the reported CPU, because the reader may wake up on any.
func (n *nearness) sleep(sleep func()) {
	n.publish(0)
	if n.near {
		n.stay()
	}
	sleep()
}

// stay restricts this goroutine's thread to the peer's CPU until leave, unless
// the thread may not use that CPU. Changing the affinity for each sleep would
// take longer than many downcalls do. If the goroutine ends before leave, its
// thread ends with it.
func (n *nearness) stay() {
	thread, to := unix.Gettid(), n.where()
	if n.thread == thread && n.to == to {
		return
	}
	now, ok := affinity()
	if !ok {
		return
	}
	if n.thread != thread {
		// The runtime does not clone new threads from a locked thread; they
		// would inherit the affinity.
		runtime.LockOSThread()
		n.thread, n.before = thread, now
	} else {
		n.before = n.allowed(now)
	}
	n.to = now
	if contains(&n.before, &to) && setAffinity(&to) {
		n.to = to
	}
}

// allowed returns where a thread that stayed near may run. now is its current
// affinity, which counts if another program, such as taskset, has changed it.
func (n *nearness) allowed(now unix.CPUSet) unix.CPUSet {
	if now == n.to {
		return n.before
	}
	return now
}

// isApart reports, during a spin, whether the peer's last reported CPU is another
// one than this thread's. It also reports this thread's CPU to the peer. While
// the two alternate on one CPU, the scheduler keeps them there for
// milliseconds, because both have just run; so the thread leaves by itself.
func (n *nearness) isApart() bool {
	here := processor() + 1
	n.publish(here)
	if peers := n.peers.Load(); peers != here {
		n.together = 0
		return peers != 0
	}
	if n.together++; n.together < mostTogether {
		return false
	}
	n.leave()
	return true
}

func (n *nearness) publish(processor uint32) {
	if n.published != processor {
		n.published = processor
		n.own.Store(processor)
	}
}

// leave moves the thread to another CPU than the peer's, and restores its earlier
// affinity.
func (n *nearness) leave() {
	n.near, n.row, n.together = false, 0, 0
	stayed := n.thread == unix.Gettid() // otherwise another goroutine did, which no longer reads
	n.thread = 0
	before, ok := affinity()
	if !ok {
		return
	}
	if !stayed {
		runtime.LockOSThread()
	} else {
		before = n.allowed(before)
	}
	defer runtime.UnlockOSThread()
	elsewhere, near := before, n.where()
	for i := range near {
		elsewhere[i] &^= near[i]
	}
	moves := elsewhere != before && elsewhere != (unix.CPUSet{})
	if moves {
		setAffinity(&elsewhere)
	}
	if moves || stayed {
		setAffinity(&before)
	}
}

// where returns the peer's CPU as a set. A number out of range leaves it empty.
func (n *nearness) where() (near unix.CPUSet) {
	if number := n.peers.Load(); number != 0 {
		near.Set(int(number - 1))
	}
	return near
}

// contains reports whether some is not empty and a subset of all.
func contains(all, some *unix.CPUSet) bool {
	for i := range some {
		if some[i]&^all[i] != 0 {
			return false
		}
	}
	return *some != unix.CPUSet{}
}

// affinity returns the calling thread's affinity. ok is false on a machine with
// more CPUs than a CPUSet holds. Both calls are too short to involve Go's
// scheduler (RawSyscall).
func affinity() (set unix.CPUSet, ok bool) {
	_, _, errno := unix.RawSyscall(unix.SYS_SCHED_GETAFFINITY, 0, unsafe.Sizeof(set), uintptr(unsafe.Pointer(&set)))
	return set, errno == 0
}

// processor returns the CPU on which the calling thread runs.
func processor() (number uint32) {
	_, _, _ = unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&number)), 0, 0)
	return number
}

func setAffinity(set *unix.CPUSet) (ok bool) {
	_, _, errno := unix.RawSyscall(unix.SYS_SCHED_SETAFFINITY, 0, unsafe.Sizeof(*set), uintptr(unsafe.Pointer(set)))
	return errno == 0
}
