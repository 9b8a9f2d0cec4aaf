package split_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
)

type handlers = map[string]bridge.Handler

func pipe(t testing.TB) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

// pair connects two bridges with two pipes.
func pair(t testing.TB, a, b bridge.Options) (left, right bridge.Bridge) {
	t.Helper()
	leftIn, rightOut := pipe(t)
	rightIn, leftOut := pipe(t)
	left, right = split.New(leftIn, leftOut, a), split.New(rightIn, rightOut, b)
	t.Cleanup(func() { left.Close(); right.Close() })
	return left, right
}

func raw(text string) json.RawMessage { return json.RawMessage(text) }

func echo(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
	return params[0], nil
}

func want[E error](t *testing.T, err error, message string) {
	t.Helper()
	var target E
	if !errors.As(err, &target) || err.Error() != message {
		t.Errorf("got %T %v, want %T %q", err, err, target, message)
	}
}

func TestCallsOverPipes(t *testing.T) {
	left, right := pair(t, bridge.Options{Handlers: handlers{"echo": echo}}, bridge.Options{Handlers: handlers{"echo": echo}})
	var group sync.WaitGroup
	for _, b := range []bridge.Bridge{left, right} {
		for i := range 20 {
			group.Go(func() {
				want := fmt.Sprintf(`{"n":%d,"é":"\ud800"}`, i)
				got, err := b.Call(t.Context(), "echo", raw(want))
				if err != nil || string(got) != want {
					t.Errorf("got %s, %v", got, err)
				}
			})
		}
	}
	group.Wait()
}

func TestBothSidesMaySendLargeMessagesAtOnce(t *testing.T) {
	left, right := pair(t, bridge.Options{Handlers: handlers{"echo": echo}}, bridge.Options{Handlers: handlers{"echo": echo}})
	large := raw(`"` + strings.Repeat("x", 16<<20) + `"`)
	var group sync.WaitGroup
	for _, b := range []bridge.Bridge{left, right} {
		group.Go(func() {
			if got, err := b.Call(t.Context(), "echo", large); err != nil || len(got) != len(large) {
				t.Errorf("got %d bytes, %v", len(got), err)
			}
		})
	}
	group.Wait()
}

func TestEndOfFileClosesAtOnce(t *testing.T) {
	in, peerOut := pipe(t)
	peerIn, out := pipe(t)
	b := split.New(in, out, bridge.Options{})
	defer b.Close()
	result := make(chan error, 1)
	go func() { _, err := b.Call(context.Background(), "m"); result <- err }()
	if line := make([]byte, 100); true {
		n, _ := peerIn.Read(line)
		if got := string(line[:n]); got != `{"id":1,"method":"m","params":[]}`+"\n" {
			t.Errorf("sent %q", got)
		}
	}
	peerOut.Close()
	want[*bridge.ClosedError](t, <-result, "bridge closed by the peer")
	<-b.Closed()
	want[*bridge.ClosedError](t, b.Err(), "bridge closed by the peer")
}

func TestABrokenStreamCloses(t *testing.T) {
	for _, c := range []struct{ bytes, message string }{
		{"{}\n", `from peer: byte 1: expected "id"`},
		{"\n", `from peer: byte 0: expected "{"`},
		{strings.Repeat("x", 101), "from peer: byte 100: expected a frame of at most 100 bytes (maxFrameBytes)"},
		{"{", `from peer: byte 1: expected "\n", not the end of the stream`},
	} {
		in, peerOut := pipe(t)
		peerIn, out := pipe(t)
		b := split.New(in, out, bridge.Options{Limits: bridge.Limits{MaxFrameBytes: 100}})
		_, _ = peerOut.WriteString(c.bytes)
		peerOut.Close()
		<-b.Closed()
		want[*bridge.ProtocolError](t, b.Err(), c.message)
		if rest, err := io.ReadAll(peerIn); err != nil || len(rest) > 0 {
			t.Errorf("the other side does not see the end: %q, %v", rest, err)
		}
	}
}

func TestWhatWasSentBeforeCloseArrives(t *testing.T) {
	const n = 5000
	seen := make(chan int, 1)
	count := 0
	left, right := pair(t, bridge.Options{}, bridge.Options{Handlers: handlers{
		"m": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			if count++; count == n {
				seen <- count
			}
			return nil, nil
		},
	}})
	for range n {
		if err := left.Notify("m", raw(`"`+strings.Repeat("x", 100)+`"`)); err != nil {
			t.Fatal(err)
		}
	}
	left.Close()
	<-right.Closed()
	select {
	case <-seen:
	case <-time.After(20 * time.Second):
		t.Error("messages were lost")
	}
}

func TestCloseDoesNotHangOnAPeerThatNeverReads(t *testing.T) {
	in, _ := pipe(t)
	_, out := pipe(t)
	b := split.New(in, out, bridge.Options{})
	if err := b.Notify("m", raw(`"`+strings.Repeat("x", 1<<20)+`"`)); err != nil {
		t.Fatal(err)
	}
	b.Close()
	b.Close()
	want[*bridge.ClosedError](t, b.Err(), "bridge closed")
	want[*bridge.ClosedError](t, b.Notify("m"), "bridge closed")
}

func TestAPeerThatNeverReadsIsBounded(t *testing.T) {
	in, _ := pipe(t)
	_, out := pipe(t)
	b := split.New(in, out, bridge.Options{Limits: bridge.Limits{MaxQueuedBytes: 1 << 20}})
	defer b.Close()
	var err error
	for err == nil {
		err = b.Notify("m", raw(`"`+strings.Repeat("x", 100_000)+`"`))
	}
	full := regexp.MustCompile(`^to peer: byte \d+: expected at most 1048576 queued bytes \(maxQueuedBytes\)$`)
	var local *bridge.LocalError
	if !errors.As(err, &local) || !full.MatchString(err.Error()) {
		t.Error(err)
	}
	if err := b.Notify("small"); err != nil {
		t.Error("the bridge has closed:", err)
	}
}

// queue returns one of a bridge's queues.
func queue(b bridge.Bridge, name string) bridge.Queue {
	for _, q := range b.(bridge.Queued).Queues() {
		if q.Name == name {
			return q
		}
	}
	return bridge.Queue{}
}

func TestTheQueuesTellWhatWaits(t *testing.T) {
	in, _ := pipe(t)
	peerIn, out := pipe(t)
	b := split.New(in, out, bridge.Options{})
	defer b.Close()
	if got := queue(b, bridge.QueueOutbound); got != (bridge.Queue{Name: "outbound"}) {
		t.Errorf("before: %+v", got)
	}
	text := raw(`"` + strings.Repeat("x", 1<<20) + `"`)
	for range 3 {
		if err := b.Notify("m", text); err != nil {
			t.Fatal(err)
		}
	}
	got := queue(b, bridge.QueueOutbound)
	if got.Messages != 3 || got.Bytes <= 2<<20 || got.Bytes > 3*(len(text)+50) {
		t.Errorf("nobody reads: %+v", got)
	}
	if got := queue(b, bridge.QueueInbound); got != (bridge.Queue{Name: "inbound"}) {
		t.Errorf("nobody writes: %+v", got)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(io.Discard, peerIn)
	}()
	b.Close() // what the peer reads during Close is still written
	<-read
	if got := queue(b, bridge.QueueOutbound); got != (bridge.Queue{Name: "outbound"}) {
		t.Errorf("after: %+v", got)
	}
}

func TestAnAnswerThatArrivedBeforeThePeerWentIsNotLost(t *testing.T) {
	in, peerOut := pipe(t)
	peerIn, out := pipe(t)
	b := split.New(in, out, bridge.Options{})
	defer b.Close()
	go func() {
		_, _ = peerIn.Read(make([]byte, 100))
		peerIn.Close() // from now on our writes fail
		for b.Notify("m") == nil {
			time.Sleep(time.Millisecond)
			if _, err := peerOut.WriteString(`{"id":1,"result":1,"error":null}` + "\n"); err != nil {
				return
			}
			peerOut.Close()
		}
	}()
	if result, err := b.Call(t.Context(), "m"); string(result) != "1" {
		t.Errorf("got %s, %v", result, err)
	}
}

func TestReadingGoesOnWhileAHandlerBlocks(t *testing.T) {
	release := make(chan struct{})
	in, peerOut := pipe(t)
	_, out := pipe(t)
	var got []int
	all := make(chan struct{})
	b := split.New(in, out, bridge.Options{Handlers: handlers{
		"block": func(context.Context, []json.RawMessage) (json.RawMessage, error) { <-release; return nil, nil },
		"add": func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
			var n int
			err := json.Unmarshal(params[0], &n)
			if got = append(got, n); n == 999 {
				close(all)
			}
			return nil, err
		},
	}})
	defer b.Close()
	padding := strings.Repeat("x", 10_000)
	fmt.Fprintln(peerOut, `{"id":null,"method":"block","params":[]}`)
	for i := range 1000 { // 10 MB: many times a pipe's capacity
		fmt.Fprintf(peerOut, `{"id":null,"method":"add","params":[%d,"%s"]}`+"\n", i, padding)
	}
	close(release)
	<-all
	for i, n := range got {
		if i != n {
			t.Fatalf("message %d came as number %d", n, i)
		}
	}
}

func TestOrderSurvivesSlowHandlers(t *testing.T) {
	var got []int
	var right bridge.Bridge
	left, right := pair(t, bridge.Options{Handlers: handlers{"echo": echo}}, bridge.Options{Handlers: handlers{
		"add": func(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
			var n int
			err := json.Unmarshal(params[0], &n)
			got = append(got, n)
			if n%7 == 0 {
				time.Sleep(time.Duration(n%5) * time.Millisecond)
			}
			if n%50 == 0 && n > 0 {
				_, err = right.Call(ctx, "echo", raw("1"))
			}
			return nil, err
		},
	}})
	for i := range 500 {
		if err := left.Notify("add", raw(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := left.Call(t.Context(), "add", raw("500")); err != nil {
		t.Fatal(err)
	}
	for i, n := range got {
		if i != n {
			t.Fatalf("message %d came as number %d", n, i)
		}
	}
}

func TestAHandlerMayClose(t *testing.T) {
	var right bridge.Bridge
	left, right := pair(t, bridge.Options{}, bridge.Options{Handlers: handlers{
		"close": func(context.Context, []json.RawMessage) (json.RawMessage, error) { return nil, right.Close() },
	}})
	_, err := left.Call(t.Context(), "close")
	want[*bridge.ClosedError](t, err, "bridge closed by the peer")
	<-right.Closed()
}

func TestPeersThatSpeakNoWordCloseCleanly(t *testing.T) {
	left, right := pair(t, bridge.Options{}, bridge.Options{})
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() { left.Close() })
		group.Go(func() { right.Close() })
	}
	group.Wait()
}

func BenchmarkCall(b *testing.B) {
	left, _ := pair(b, bridge.Options{}, bridge.Options{Handlers: handlers{"echo": echo}})
	ctx := context.Background()
	param := raw(`{"address":"agoric1abc123","denom":"uist"}`)
	for b.Loop() {
		if _, err := left.Call(ctx, "echo", param); err != nil {
			b.Fatal(err)
		}
	}
}
