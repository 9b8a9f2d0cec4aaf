package spin

import (
	"sync"
	"testing"
	"time"
)

func TestAPeerThatIsSlowIsNotSpunFor(t *testing.T) {
	if processors == 1 {
		t.Skip("no spinning on a single CPU")
	}
	var s Spinner
	spun := 0
	wait := func(takes time.Duration) {
		ready, looks := false, 0
		s.Wait(func() bool { looks++; return ready }, func() { time.Sleep(takes); ready = true })
		if looks > 0 {
			spun++
		}
	}
	for range mostMisses + 2*retry {
		wait(2 * maxSpin)
	}
	if want := mostMisses + 2; spun != want {
		t.Errorf("spun %d times, want %d", spun, want)
	}
	s.misses.Store(retry)
	s.Wait(func() bool { return true }, func() { t.Error("slept") })
	spun = 0
	if wait(0); spun != 1 {
		t.Error("does not spin after a short wait")
	}
}

func TestOneSpinsAtATime(t *testing.T) {
	var s Spinner
	inside, leave := make(chan struct{}), make(chan struct{})
	var first sync.Once
	spinning := func() bool {
		first.Do(func() { close(inside) })
		<-leave
		return true
	}
	if processors == 1 {
		t.Skip("no spinning on a single CPU")
	}
	var waits sync.WaitGroup
	waits.Go(func() { s.Wait(spinning, func() { t.Error("slept") }) })
	<-inside
	slept := false
	s.Wait(func() bool { t.Error("spun beside another"); return true }, func() { slept = true })
	if !slept {
		t.Error("did not sleep")
	}
	close(leave)
	waits.Wait()
}
