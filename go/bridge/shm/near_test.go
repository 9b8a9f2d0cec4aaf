//go:build linux

package shm

import (
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// onThread runs f on its own thread, which ends with f.
func onThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		f()
	}()
	<-done
}

// onThreadOfSeveral is onThread; it skips the test on a machine with one CPU.
func onThreadOfSeveral(t *testing.T, f func()) {
	t.Helper()
	if runtime.NumCPU() == 1 {
		t.Skip("one processor")
	}
	onThread(f)
}

func allowed(t *testing.T) unix.CPUSet {
	t.Helper()
	set, ok := affinity()
	if !ok {
		t.Skip("more processors than a set holds")
	}
	return set
}

// first returns the first CPU of a set.
func first(set unix.CPUSet) int {
	for cpu := range 64 * len(set) {
		if set.IsSet(cpu) {
			return cpu
		}
	}
	return -1
}

// nearTo returns a reader that has decided to sleep near this CPU.
func nearTo(processor uint32) *nearness {
	n := &nearness{peers: new(atomic.Uint32), own: new(atomic.Uint32), near: true}
	n.peers.Store(processor)
	return n
}

func TestASleeperIsNearTheVMAndAnywhereOnceItHasLeft(t *testing.T) {
	onThread(func() {
		before := allowed(t)
		n := nearTo(0)
		for processor := range 64 * len(before) {
			if !before.IsSet(processor) {
				continue
			}
			n.peers.Store(uint32(processor) + 1)
			var near unix.CPUSet
			near.Set(processor)
			for range 2 {
				n.sleep(func() {
					if allowed(t) != near {
						t.Error("the sleeper may run elsewhere")
					}
				})
			}
		}
		n.peers.Store(0) // there is no CPU to leave
		n.leave()
		if allowed(t) != before {
			t.Error("the thread may not run where it could before")
		}
	})
}

// unlessMoved checks where a thread runs. It retries if the scheduler may have
// moved the thread during the check.
func unlessMoved(t *testing.T, look func() (fault string)) {
	t.Helper()
	fault := ""
	for range 20 {
		if fault = look(); fault == "" {
			return
		}
	}
	t.Error(fault)
}

func TestAReaderIsNearOnceWaitsAreLongAndUntilABurst(t *testing.T) {
	onThreadOfSeveral(t, func() {
		before := allowed(t)
		here := first(before)
		n := nearTo(uint32(here) + 1)
		n.near = false
		wait := func(times int, wait time.Duration, want bool) {
			t.Helper()
			for range times {
				n.after(wait)
			}
			if n.near != want {
				t.Errorf("after %d waits of %v: near %t", times, wait, n.near)
			}
		}
		const long, short = 2 * longWait, longWait / 2
		wait(longWaits-1, long, false)
		wait(1, short, false)
		wait(longWaits-1, long, false)
		wait(1, long, true)
		wait(shortWaits-1, short, true)
		wait(1, long, true)
		wait(shortWaits-1, short, true)
		wait(1, short, false)
		unlessMoved(t, func() string {
			n.near = true
			n.sleep(func() {}) // moves to the VM's CPU
			n.leave()
			if int(processor()) == here {
				return "has not gone away from the VM"
			}
			return ""
		})
		if allowed(t) != before {
			t.Error("the thread may not run where it could before")
		}
		n.peers.Store(0)
		wait(2*longWaits, long, false)
	})
}

func TestOneWhoSpinsBesideTheVMGoesAway(t *testing.T) {
	onThreadOfSeveral(t, func() {
		before := allowed(t)
		var only unix.CPUSet
		here := uint32(first(before))
		only.Set(int(here))
		n := nearTo(here + 1)
		n.near = false
		unlessMoved(t, func() string {
			n.together = 0
			setAffinity(&only)
			setAffinity(&before) // the thread stays where it is
			for range mostTogether - 1 {
				if n.isApart() {
					return "says it is elsewhere than the VM"
				}
			}
			switch told := n.own.Load(); {
			case told != here+1:
				return fmt.Sprintf("publishes CPU %d, but runs on CPU %d", told, here+1)
			case !n.isApart() || processor() == here:
				return "has not gone away from the VM"
			case !n.isApart() || n.own.Load() == here+1:
				return "does not publish that it has left the VM's CPU"
			}
			return ""
		})
		if allowed(t) != before {
			t.Error("the thread may not run where it could before")
		}
		n.sleep(func() {
			if n.own.Load() != 0 {
				t.Error("publishes a CPU while it sleeps")
			}
		})
		n.peers.Store(0)
		if n.isApart() {
			t.Error("knows where the VM is, which does not say")
		}
	})
}

func TestAReaderThatIsRelievedLeavesTheNextOneFree(t *testing.T) {
	before := allowed(t)
	n := nearTo(uint32(first(before)) + 1)
	onThread(func() { n.sleep(func() {}) })
	onThread(func() {
		n.sleep(func() {
			if now := allowed(t); now.Count() != 1 {
				t.Errorf("the next sleeper may run on %d processors", now.Count())
			}
		})
		n.leave()
		if allowed(t) != before {
			t.Error("the next reader may not run where it could before")
		}
	})
	onThread(func() { n.near = true; n.sleep(func() {}) })
	onThread(func() {
		n.leave()
		if allowed(t) != before {
			t.Error("a reader that was not near may not run where it could before")
		}
	})
}

func TestAProcessorThatMakesNoSenseChangesNothing(t *testing.T) {
	onThread(func() {
		before := allowed(t)
		for _, number := range []uint32{0, 1024, 1025, math.MaxUint32} {
			slept := false
			n := nearTo(number)
			n.sleep(func() {
				slept = true
				if allowed(t) != before {
					t.Errorf("%d: the sleeper may not run where it could before", number)
				}
			})
			n.leave()
			if !slept || allowed(t) != before {
				t.Errorf("%d: slept: %t", number, slept)
			}
		}
	})
}

func TestAProcessorThatAgdMayNotUseIsLeftAlone(t *testing.T) {
	onThreadOfSeveral(t, func() {
		all := allowed(t)
		var only unix.CPUSet
		only.Set(first(all))
		setAffinity(&only)
		all.Clear(first(all))
		nearTo(uint32(first(all)) + 1).sleep(func() {
			if allowed(t) != only {
				t.Error("the sleeper runs where it may not")
			}
		})
	})
}

func TestWhatOthersDecideWhileItStaysHolds(t *testing.T) {
	onThreadOfSeveral(t, func() {
		rest := allowed(t)
		here := first(rest)
		n := nearTo(uint32(here) + 1)
		rest.Clear(here)
		n.sleep(func() { setAffinity(&rest) })
		n.peers.Store(uint32(first(rest)) + 1) // the VM moves, too,
		n.sleep(func() {})
		n.peers.Store(uint32(here) + 1) // and back
		n.sleep(func() {
			if now := allowed(t); now.IsSet(here) {
				t.Error("the sleeper runs where another has forbidden it")
			}
		})
		n.leave()
		if allowed(t) != rest {
			t.Error("the sleeper took back what another had decided")
		}
	})
}

func TestWhatOthersDecideWhileItSleepsHolds(t *testing.T) {
	onThreadOfSeveral(t, func() {
		rest := allowed(t)
		n := nearTo(uint32(first(rest)) + 1)
		rest.Clear(first(rest))
		n.sleep(func() { setAffinity(&rest) })
		n.leave()
		if allowed(t) != rest {
			t.Error("the sleeper took back what another had decided")
		}
	})
}
