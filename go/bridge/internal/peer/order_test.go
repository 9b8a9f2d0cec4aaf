package peer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/peer"
)

func TestHandlersRunOneAtATimeInOrder(t *testing.T) {
	var order []int
	var inside atomic.Int32
	left, _ := pair(t, bridge.Options{}, bridge.Options{Handlers: handlers{
		"add": func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
			if inside.Add(1) != 1 {
				t.Error("two handlers at once")
			}
			defer inside.Add(-1)
			var n int
			err := json.Unmarshal(params[0], &n)
			order = append(order, n)
			return raw("null"), err
		},
	}})
	for i := range 1000 {
		if err := left.Notify("add", raw(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := left.Call(t.Context(), "add", raw("1000")); err != nil {
		t.Fatal(err)
	}
	for i, n := range order {
		if i != n {
			t.Fatalf("message %d came as number %d", n, i)
		}
	}
	if len(order) != 1001 {
		t.Fatalf("got %d messages", len(order))
	}
}

// deep calls back and forth until n is 0.
func deep(self **peer.Peer) bridge.Handler {
	return func(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
		var n int
		if err := json.Unmarshal(params[0], &n); err != nil || n == 0 {
			return raw(`"bottom"`), err
		}
		return (*self).Call(ctx, "deep", raw(fmt.Sprint(n-1)))
	}
}

func TestNestedCallsWorkToAnyDepth(t *testing.T) {
	var left, right *peer.Peer
	left, right = pair(t, bridge.Options{}, bridge.Options{})
	left.Handle("deep", deep(&left))
	right.Handle("deep", deep(&right))
	result, err := left.Call(t.Context(), "deep", raw("500"))
	if string(result) != `"bottom"` {
		t.Errorf("got %s, %v", result, err)
	}
}

func TestAHandlerMayWaitInSeveralCallsAtOnce(t *testing.T) {
	var right *peer.Peer
	left, right := pair(t, bridge.Options{Handlers: handlers{"echo": echo}}, bridge.Options{})
	right.Handle("fan", func(ctx context.Context, _ []json.RawMessage) (json.RawMessage, error) {
		var group sync.WaitGroup
		for i := range 50 {
			group.Go(func() {
				if _, err := right.Call(ctx, "echo", raw(fmt.Sprint(i))); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		return nil, nil
	})
	for range 20 {
		if _, err := left.Call(t.Context(), "fan"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAResponseWaitsForTheMessagesBeforeIt(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	var handled atomic.Bool
	p, w := alone(t, bridge.Options{Handlers: handlers{
		"slow": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			close(entered)
			<-release
			handled.Store(true)
			return nil, nil
		},
	}})
	result := make(chan error, 1)
	go func() {
		_, err := p.Call(context.Background(), "m")
		if !handled.Load() {
			t.Error("the response overtook the notification")
		}
		result <- err
	}()
	receive(t, w.sent)
	p.Receive([]byte(`{"id":null,"method":"slow","params":[]}`))
	p.Receive([]byte(`{"id":1,"result":1,"error":null}`))
	<-entered
	close(release)
	if err := receive(t, result); err != nil {
		t.Error(err)
	}
}

func TestAHandlerThatWaitsGivesWayAndGoesOnInItsTurn(t *testing.T) {
	var log []string
	var p *peer.Peer
	p, w := alone(t, bridge.Options{})
	p.Handle("outer", func(ctx context.Context, _ []json.RawMessage) (json.RawMessage, error) {
		log = append(log, "outer starts")
		_, err := p.Call(ctx, "m")
		log = append(log, "outer goes on")
		return nil, err
	})
	p.Handle("note", func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
		log = append(log, "note "+string(params[0]))
		return nil, nil
	})
	p.Receive([]byte(`{"id":7,"method":"outer","params":[]}`))
	if frame := receive(t, w.sent); frame != `{"id":1,"method":"m","params":[]}` {
		t.Fatal(frame)
	}
	for _, frame := range []string{
		`{"id":null,"method":"note","params":[1]}`, `{"id":1,"result":1,"error":null}`,
		`{"id":null,"method":"note","params":[2]}`, `{"id":8,"method":"note","params":[3]}`,
	} {
		p.Receive([]byte(frame))
	}
	receive(t, w.sent)
	receive(t, w.sent)
	got := strings.Join(log, ", ")
	if got != "outer starts, note 1, outer goes on, note 2, note 3" {
		t.Error(got)
	}
}
