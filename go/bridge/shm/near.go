package shm

import (
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// longWait is longer than it pays to spin for, and than waking up takes.
	longWait = 100 * time.Microsecond
	// longWaits in a row, and the reader sleeps near the VM; until shortWaits in
	// a row, which a burst of calls begins with.
	longWaits, shortWaits = 4, 3
	// mostTogether spins in a row on the VM's processor, and the reader goes
	// away from there.
	mostTogether = 3
)

// nearness decides whether the reader sleeps near the VM: on the processor
// where the VM runs. Whoever is woken there goes on as soon as the VM waits for
// it; on an idle processor it would first have to be switched on, which takes
// ten times as long (docs/decisions/0008-frames-between-two-processes.md). But
// awake the two are in each other's way there, so a burst of calls is better
// served from elsewhere. For one goroutine at a time.
type nearness struct {
	// peers is where the VM says it runs, and 1; 0: it does not say. own is
	// what it is told of us, and told what that was last.
	peers, own *atomic.Uint32
	told       uint32
	near       bool
	// row counts the waits, up to the last one, that were against near.
	row int
	// thread is the one that stays near, or 0; with where it could run before,
	// and where it may now.
	thread     int
	before, to unix.CPUSet
	// together counts the spins in a row on the VM's processor.
	together int
}

// after learns from a wait.
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

// sleep calls sleep, which sleeps in a system call, near the VM if that is
// decided. Where it wakes up, the VM cannot know.
func (n *nearness) sleep(sleep func()) {
	n.tell(0)
	if n.near {
		n.stay()
	}
	sleep()
}

// stay sees to it that this goroutine runs on the VM's processor until it
// leaves; not on one that it may not use. To go there and back for each sleep
// takes longer than many downcalls do. Should the goroutine end before, its
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
		// A locked thread is not the one that the runtime makes other threads
		// from, which would inherit the restriction.
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

// allowed is where a thread that stayed near may run, of which the system now
// says where: there, if somebody, such as taskset, has decided so meanwhile.
func (n *nearness) allowed(now unix.CPUSet) unix.CPUSet {
	if now == n.to {
		return n.before
	}
	return now
}

// isApart tells, in a spin, whether the VM ran on another processor than this
// thread when it wrote last; and it tells the VM where this thread is. Where the
// two only take turns on one, the system leaves them for milliseconds, because
// both have just run; so the thread goes away by itself.
func (n *nearness) isApart() bool {
	here := processor() + 1
	n.tell(here)
	if vm := n.peers.Load(); vm != here {
		n.together = 0
		return vm != 0
	}
	if n.together++; n.together < mostTogether {
		return false
	}
	n.leave()
	return true
}

func (n *nearness) tell(processor uint32) {
	if n.told != processor {
		n.told = processor
		n.own.Store(processor)
	}
}

// leave moves the thread to another processor than the VM's, and lets it run
// where it could before.
func (n *nearness) leave() {
	n.near, n.row, n.together = false, 0, 0
	stayed := n.thread == unix.Gettid() // or another goroutine did, that reads no more
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

// where is the VM's processor; a number that makes no sense is in no set.
func (n *nearness) where() (near unix.CPUSet) {
	if number := n.peers.Load(); number != 0 {
		near.Set(int(number - 1))
	}
	return near
}

// contains tells whether a set has members, and all are in another.
func contains(all, some *unix.CPUSet) bool {
	for i := range some {
		if some[i]&^all[i] != 0 {
			return false
		}
	}
	return *some != unix.CPUSet{}
}

// affinity is the calling thread's; not ok on a machine with more processors
// than a set holds. Both calls are too short to tell Go's scheduler of them.
func affinity() (set unix.CPUSet, ok bool) {
	_, _, errno := unix.RawSyscall(unix.SYS_SCHED_GETAFFINITY, 0, unsafe.Sizeof(set), uintptr(unsafe.Pointer(&set)))
	return set, errno == 0
}

// processor is where the calling thread runs.
func processor() (number uint32) {
	_, _, _ = unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&number)), 0, 0)
	return number
}

func setAffinity(set *unix.CPUSet) (ok bool) {
	_, _, errno := unix.RawSyscall(unix.SYS_SCHED_SETAFFINITY, 0, unsafe.Sizeof(*set), uintptr(unsafe.Pointer(set)))
	return errno == 0
}
