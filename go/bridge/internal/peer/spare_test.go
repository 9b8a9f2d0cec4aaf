package peer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"runtime"
	"testing"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/peer"
)

// goroutine returns the first line of the caller's stack, which names its
// goroutine.
func goroutine() string {
	stack := make([]byte, 64)
	line, _, _ := bytes.Cut(stack[:runtime.Stack(stack, false)], []byte(" ["))
	return string(line)
}

func TestOneGoroutineTakesTheMessagesOfASpinningPeer(t *testing.T) {
	ran := make(chan string)
	w := &wire{make(chan string, 10)}
	p := peer.NewSpinning(w, bridge.Options{Handlers: map[string]bridge.Handler{
		"run": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			ran <- goroutine()
			return nil, nil
		},
	}})
	t.Cleanup(func() { p.Close() })
	// The first messages may arrive before the goroutine waits. After a pause
	// longer than its spin, it sleeps.
	for _, pause := range []time.Duration{0, 10 * time.Millisecond} {
		last := ""
		for tries := 0; ; tries++ {
			p.Receive([]byte(`{"id":null,"method":"run","params":[]}`))
			name := receive(t, ran)
			if name == last {
				break
			}
			if last = name; tries == 100 {
				t.Fatalf("with a pause of %v, each message has a goroutine of its own", pause)
			}
			time.Sleep(pause)
		}
	}
}

func TestTheSpareGoroutineEndsWithThePeer(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 50 {
		left, right := pair(t, bridge.Options{}, bridge.Options{Handlers: map[string]bridge.Handler{"echo": echo}})
		if _, err := left.Call(t.Context(), "echo", raw("1")); err != nil {
			t.Fatal(err)
		}
		left.Close()
		<-right.Closed()
	}
	for limit := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("%d goroutines, before %d", runtime.NumGoroutine(), before)
		}
	}
}
