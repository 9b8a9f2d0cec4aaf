package shm

import (
	"math"
	"runtime"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// onThread runs f on a thread of its own, which ends with it.
func onThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		f()
	}()
	<-done
}

func mask(t *testing.T) unix.CPUSet {
	t.Helper()
	set, ok := affinity()
	if !ok {
		t.Skip("more processors than a set holds")
	}
	return set
}

// first returns the first processor of a set.
func first(set unix.CPUSet) int {
	for cpu := range 64 * len(set) {
		if set.IsSet(cpu) {
			return cpu
		}
	}
	return -1
}

func TestASleeperIsNearTheVMAndAnywhereAfterwards(t *testing.T) {
	onThread(func() {
		before := mask(t)
		var near unix.CPUSet
		near.Set(first(before))
		var word atomic.Uint32
		word.Store(uint32(first(before)) + 1)
		sleepNear(&word, func() {
			if mask(t) != near {
				t.Error("the sleeper may run elsewhere")
			}
		})
		if mask(t) != before {
			t.Error("the thread may not run where it could before")
		}
	})
}

func TestAProcessorThatMakesNoSenseChangesNothing(t *testing.T) {
	onThread(func() {
		before := mask(t)
		for _, number := range []uint32{0, 1024, 1025, math.MaxUint32} {
			slept := false
			var word atomic.Uint32
			word.Store(number)
			sleepNear(&word, func() {
				slept = true
				if mask(t) != before {
					t.Errorf("%d: the sleeper may not run where it could before", number)
				}
			})
			if !slept || mask(t) != before {
				t.Errorf("%d: slept: %t", number, slept)
			}
		}
	})
}

func TestAProcessorThatAgdMayNotUseIsLeftAlone(t *testing.T) {
	if runtime.NumCPU() == 1 {
		t.Skip("one processor")
	}
	onThread(func() {
		all := mask(t)
		var only unix.CPUSet
		only.Set(first(all))
		setAffinity(&only)
		all.Clear(first(all))
		var word atomic.Uint32
		word.Store(uint32(first(all)) + 1)
		sleepNear(&word, func() {
			if mask(t) != only {
				t.Error("the sleeper runs where it may not")
			}
		})
	})
}

func TestWhatOthersDecideWhileItSleepsHolds(t *testing.T) {
	if runtime.NumCPU() == 1 {
		t.Skip("one processor")
	}
	onThread(func() {
		rest := mask(t)
		var word atomic.Uint32
		word.Store(uint32(first(rest)) + 1)
		rest.Clear(first(rest))
		sleepNear(&word, func() { setAffinity(&rest) })
		if mask(t) != rest {
			t.Error("the sleeper took back what another had decided")
		}
	})
}
