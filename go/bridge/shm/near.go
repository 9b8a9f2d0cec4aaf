package shm

import (
	"runtime"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sleepNear calls sleep, which sleeps in a system call, on the processor where
// the VM says it runs (its number and 1; 0: unknown). Whoever is woken there
// goes on as soon as the VM waits for it: on an idle processor it would first
// have to be switched on, which takes ten times as long
// (docs/decisions/0013-sleeping-near-the-vm.md). Awake, the thread may run
// where it could before. A number that makes no sense changes nothing.
func sleepNear(processor *atomic.Uint32, sleep func()) {
	var near unix.CPUSet
	if number := processor.Load(); number != 0 {
		near.Set(int(number - 1))
	}
	// A locked thread is not the one that the runtime makes other threads from,
	// which would inherit the mask.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, ok := affinity()
	if !ok || before == near || !contains(&before, &near) || !setAffinity(&near) {
		sleep()
		return
	}
	sleep()
	// Unless somebody, such as taskset, has decided otherwise meanwhile.
	if now, ok := affinity(); ok && now == near {
		setAffinity(&before)
	}
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

func setAffinity(set *unix.CPUSet) (ok bool) {
	_, _, errno := unix.RawSyscall(unix.SYS_SCHED_SETAFFINITY, 0, unsafe.Sizeof(*set), uintptr(unsafe.Pointer(set)))
	return errno == 0
}
