package peer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/peer"
)

// pipe carries frames to another peer in this process, on its own goroutine.
type pipe struct {
	frames chan []byte
	mu     sync.Mutex
	closed bool
}

func (p *pipe) Send(frame []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.frames <- append([]byte(nil), frame...)
	}
	return nil
}

func (p *pipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	close(p.frames)
	return nil
}

// pair connects two peers. The right one spins.
func pair(t *testing.T, a, b bridge.Options) (left, right *peer.Peer) {
	t.Helper()
	toRight, toLeft := &pipe{frames: make(chan []byte, 100_000)}, &pipe{frames: make(chan []byte, 100_000)}
	left, right = peer.New(toRight, a), peer.NewSpinning(toLeft, b)
	feed := func(from *pipe, to *peer.Peer) {
		for frame := range from.frames {
			to.Receive(frame)
		}
		to.End(nil)
	}
	go feed(toRight, right)
	go feed(toLeft, left)
	t.Cleanup(func() { left.Close(); right.Close() })
	return left, right
}

// wire stands for the other side of a peer: outbound frames appear in sent.
type wire struct{ sent chan string }

func (w *wire) Send(frame []byte) error { w.sent <- string(frame); return nil }
func (w *wire) Close() error            { return nil }

func alone(t *testing.T, o bridge.Options) (*peer.Peer, *wire) {
	t.Helper()
	w := &wire{make(chan string, 1000)}
	p := peer.New(w, o)
	t.Cleanup(func() { p.Close() })
	return p, w
}

func raw(text string) json.RawMessage { return json.RawMessage(text) }

func want[E error](t *testing.T, err error, message string) {
	t.Helper()
	var target E
	if !errors.As(err, &target) || err.Error() != message {
		t.Errorf("got %T %v, want %T %q", err, err, target, message)
	}
}

func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v, ok := <-c:
		if !ok {
			t.Fatal("closed")
		}
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

type handlers = map[string]bridge.Handler

func echo(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
	return params[0], nil
}

func TestCallsAndErrors(t *testing.T) {
	left, right := pair(t, bridge.Options{}, bridge.Options{Handlers: handlers{
		"echo": echo,
		"null": func(context.Context, []json.RawMessage) (json.RawMessage, error) { return nil, nil },
		"fail": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			return nil, errors.New("no <funds>\n\"é\"")
		},
		"panic":  func(context.Context, []json.RawMessage) (json.RawMessage, error) { panic("boom") },
		"broken": func(context.Context, []json.RawMessage) (json.RawMessage, error) { return raw("{"), nil },
	}})
	ctx := t.Context()
	if result, err := left.Call(ctx, "echo", raw(`{"a":1e400}`)); string(result) != `{"a":1e400}` {
		t.Errorf("echo: %s %v", result, err)
	}
	if result, err := left.Call(ctx, "null"); string(result) != `null` {
		t.Errorf("null: %s %v", result, err)
	}
	_, err := left.Call(ctx, "fail")
	want[*bridge.RemoteError](t, err, "no <funds>\n\"é\"")
	_, err = left.Call(ctx, "panic")
	want[*bridge.RemoteError](t, err, "boom")
	_, err = left.Call(ctx, "broken")
	want[*bridge.RemoteError](t, err, "result: byte 1: expected a member name")
	_, err = left.Call(ctx, "no such")
	want[*bridge.RemoteError](t, err, `unknown method "no such"`)
	_, err = left.Call(ctx, "")
	want[*bridge.LocalError](t, err, "method must be a non-empty string")
	_, err = left.Call(ctx, "echo", raw("1"), raw(""))
	want[*bridge.LocalError](t, err, "params[1]: byte 0: expected a value")
	want[*bridge.LocalError](t, right.Handle("echo", echo), `method "echo" already has a handler`)
}

func TestAnAnswerToAGivenUpCallIsDropped(t *testing.T) {
	p, w := alone(t, bridge.Options{Exclusive: []string{"block"}})
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { _, err := p.Call(ctx, "block"); result <- err }()
	receive(t, w.sent)
	cancel()
	if err := receive(t, result); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	_, err := p.Call(t.Context(), "block")
	want[*bridge.LocalError](t, err, "a block action is already running")
	p.Receive([]byte(`{"id":1,"result":1,"error":null}`))
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	go func() { _, err := p.Call(context.Background(), "block"); result <- err }()
	receive(t, w.sent)
	p.Close()
	want[*bridge.ClosedError](t, receive(t, result), "bridge closed")
}

func TestBrokenRulesClose(t *testing.T) {
	for _, c := range []struct{ frame, message string }{
		{"{", "from peer: byte 1: expected a member name"},
		{`{"id":1,"result":1,"error":null}`, "from peer: response to id 1, which no call waits for"},
		{`{"id":0,"result":1,"error":null}`, "from peer: response to id 0, which no call waits for"},
		{`{"id":null,"method":"` + strings.Repeat("m", 200) + `","params":[]}`,
			"from peer: byte 200: expected at most 200 queued bytes (maxQueuedBytes)"},
		{`{"id":null,"method":"m","params":[` + strings.Repeat("1,", 71) + `1]}`,
			"from peer: byte 200: expected at most 200 queued bytes (maxQueuedBytes)"},
		{`{"id":null,"method":"get","params":[]}`, "from peer: expected get as a request, got a notification"},
	} {
		p, _ := alone(t, bridge.Options{Limits: bridge.Limits{MaxQueuedBytes: 200}, Requests: []string{"set", "get"}})
		p.Receive([]byte(c.frame))
		<-p.Closed()
		want[*bridge.ProtocolError](t, p.Err(), c.message)
		_, err := p.Call(t.Context(), "m")
		want[*bridge.ClosedError](t, err, "bridge closed: "+c.message)
		want[*bridge.ClosedError](t, p.Notify("m"), "bridge closed: "+c.message)
	}
}

func TestClosingSettlesEveryPendingCall(t *testing.T) {
	hang := make(chan struct{}, 100)
	left, right := pair(t, bridge.Options{}, bridge.Options{Handlers: handlers{
		"hang": func(ctx context.Context, _ []json.RawMessage) (json.RawMessage, error) {
			hang <- struct{}{}
			<-ctx.Done()
			return nil, ctx.Err()
		},
	}})
	results := make(chan error, 50)
	for range 50 {
		go func() { _, err := left.Call(context.Background(), "hang"); results <- err }()
	}
	receive(t, hang)
	right.Close()
	for range 50 {
		want[*bridge.ClosedError](t, receive(t, results), "bridge closed by the peer")
	}
	want[*bridge.ClosedError](t, left.Err(), "bridge closed by the peer")
	want[*bridge.ClosedError](t, right.Err(), "bridge closed")
}

// closing is a wire whose Close takes until nothing else runs.
type closing struct{ wire }

func (c *closing) Close() error { synctest.Wait(); return nil }

// What a handler returns because its own call was closed must not reach the
// other side, which could not tell it from an answer.
func TestHandlerEndedByClosingSendsNoResponse(t *testing.T) {
	for name, end := range map[string]func(*peer.Peer){
		"close":    func(p *peer.Peer) { p.Close() },
		"death":    func(p *peer.Peer) { p.End(nil) },
		"protocol": func(p *peer.Peer) { p.Receive([]byte("{")) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &closing{wire{make(chan string, 10)}}
				var p *peer.Peer
				p = peer.New(c, bridge.Options{Handlers: handlers{
					"nested": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
						return p.Call(context.Background(), "m")
					},
					"waits": func(ctx context.Context, _ []json.RawMessage) (json.RawMessage, error) {
						<-ctx.Done()
						return raw("1"), nil
					},
				}})
				p.Receive([]byte(`{"id":1,"method":"nested","params":[]}`))
				<-c.sent
				p.Receive([]byte(`{"id":2,"method":"waits","params":[]}`))
				synctest.Wait()
				end(p)
				synctest.Wait()
				if len(c.sent) > 0 {
					t.Errorf("sent %s", <-c.sent)
				}
			})
		})
	}
}

func TestWhatArrivedBeforeTheEndIsStillHandled(t *testing.T) {
	entered, release, noted := make(chan struct{}), make(chan struct{}), make(chan struct{})
	p, w := alone(t, bridge.Options{Handlers: handlers{
		"slow": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			close(entered)
			<-release
			return nil, nil
		},
		"note": func(context.Context, []json.RawMessage) (json.RawMessage, error) { close(noted); return nil, nil },
	}})
	answered, lost := make(chan error, 1), make(chan error, 1)
	go func() { _, err := p.Call(context.Background(), "m"); answered <- err }()
	receive(t, w.sent)
	go func() { _, err := p.Call(context.Background(), "m"); lost <- err }()
	receive(t, w.sent)
	for _, frame := range []string{
		`{"id":null,"method":"slow","params":[]}`, `{"id":null,"method":"note","params":[]}`,
		`{"id":1,"result":1,"error":null}`,
	} {
		p.Receive([]byte(frame))
	}
	<-entered
	p.End(nil)
	want[*bridge.ClosedError](t, receive(t, lost), "bridge closed by the peer")
	close(release)
	<-noted
	if err := receive(t, answered); err != nil {
		t.Error(err)
	}
}

func TestPendingCallsAreBounded(t *testing.T) {
	p, w := alone(t, bridge.Options{Limits: bridge.Limits{MaxPendingCalls: 2}})
	for range 2 {
		go func() { _, _ = p.Call(context.Background(), "m") }()
		receive(t, w.sent)
	}
	_, err := p.Call(t.Context(), "m")
	want[*bridge.LocalError](t, err, "to peer: too many pending calls (maxPendingCalls 2)")
}

func TestTheInboundQueueTellsWhatWaits(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	p, _ := alone(t, bridge.Options{Handlers: handlers{
		"block": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			entered <- struct{}{}
			<-leave
			return nil, nil
		},
	}})
	frame := []byte(`{"id":null,"method":"block","params":[]}`)
	for range 3 {
		p.Receive(frame)
	}
	for waiting := 2; waiting >= 0; waiting-- {
		receive(t, entered)
		want := bridge.Queue{Name: "inbound", Messages: waiting, Bytes: waiting * len(frame)}
		if got := p.Queues(); len(got) != 1 || got[0] != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		leave <- struct{}{}
	}
}

// TestEverythingAtOnce exercises all of it under the race detector.
func TestEverythingAtOnce(t *testing.T) {
	var left, right *peer.Peer
	left, right = pair(t, bridge.Options{}, bridge.Options{})
	for _, p := range []*peer.Peer{left, right} {
		p.Handle("echo", echo)
		p.Handle("deep", deep(&p))
	}
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			p := []*peer.Peer{left, right}[i%2]
			for n := range 50 {
				ctx, cancel := context.WithCancel(context.Background())
				if n%7 == 0 {
					go cancel()
				}
				_, err := p.Call(ctx, "deep", raw(fmt.Sprint(n%5)))
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				_ = p.Notify("echo", raw("1"))
				cancel()
			}
		})
	}
	group.Wait()
	group.Go(func() { left.Close() })
	group.Go(func() { right.Close() })
	group.Wait()
	<-left.Closed()
	<-right.Closed()
}
