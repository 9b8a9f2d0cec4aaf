package bridgemetrics_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
	"github.com/agd-bridge/agd-bridge/go/bridgemetrics"
)

func raw(text string) json.RawMessage { return json.RawMessage(text) }

// pair is a measured bridge, connected to its peer, and where it registers.
func pair(t testing.TB) (b, peer bridge.Bridge, registry *prometheus.Registry) {
	t.Helper()
	registry = prometheus.NewRegistry()
	b, peer = wrapped(t, registry)
	return b, peer, registry
}

func wrapped(t testing.TB, r prometheus.Registerer) (b, peer bridge.Bridge) {
	t.Helper()
	metrics, err := bridgemetrics.Register(r, "split")
	if err != nil {
		t.Fatal(err)
	}
	plain, peer := plainPair(t)
	return metrics.Wrap(plain), peer
}

func plainPair(t testing.TB) (b, peer bridge.Bridge) {
	t.Helper()
	pipe := func() (r, w *os.File) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		return r, w
	}
	in, peerOut := pipe()
	peerIn, out := pipe()
	b, peer = split.New(in, out, bridge.Options{}), split.New(peerIn, peerOut, bridge.Options{})
	t.Cleanup(func() { b.Close(); peer.Close() })
	return b, peer
}

// read returns the one series of a metric with these label values, nil if
// there is none.
func read(t testing.TB, g prometheus.Gatherer, name string, values ...string) *dto.Metric {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			if family.GetName() == "agd_bridge_"+name && hasAll(metric, values) {
				return metric
			}
		}
	}
	return nil
}

func hasAll(metric *dto.Metric, values []string) bool {
	for _, value := range values {
		if !slices.ContainsFunc(metric.GetLabel(), func(l *dto.LabelPair) bool { return l.GetValue() == value }) {
			return false
		}
	}
	return true
}

// expect compares a direction's and a method's numbers.
func expect(t *testing.T, g prometheus.Gatherer, direction, method string, calls, failed uint64, requestBytes, responseBytes float64) {
	t.Helper()
	duration := read(t, g, "call_duration_seconds", direction, method).GetHistogram()
	request := read(t, g, "call_bytes", direction, method, "request").GetHistogram()
	response := read(t, g, "call_bytes", direction, method, "response").GetHistogram()
	errors := read(t, g, "call_errors_total", direction, method).GetCounter()
	inProgress := read(t, g, "calls_in_progress", direction, method).GetGauge()
	if duration == nil || request == nil || response == nil || errors == nil || inProgress == nil {
		t.Fatalf("%s %s: a series is missing", direction, method)
	}
	if duration.GetSampleCount() != calls || calls > 0 && (duration.GetSampleSum() <= 0 || duration.GetSampleSum() > 60) {
		t.Errorf("%s %s: %d calls in %g s, want %d", direction, method, duration.GetSampleCount(), duration.GetSampleSum(), calls)
	}
	if request.GetSampleCount() != calls || request.GetSampleSum() != requestBytes {
		t.Errorf("%s %s: requests %v, want %d of %g bytes", direction, method, request, calls, requestBytes)
	}
	if response.GetSampleCount() != calls-failed || response.GetSampleSum() != responseBytes {
		t.Errorf("%s %s: responses %v, want %d of %g bytes", direction, method, response, calls-failed, responseBytes)
	}
	if errors.GetValue() != float64(failed) {
		t.Errorf("%s %s: %g errors, want %d", direction, method, errors.GetValue(), failed)
	}
	if inProgress.GetValue() != 0 {
		t.Errorf("%s %s: %g in progress, want none", direction, method, inProgress.GetValue())
	}
}

// handle registers a handler, or fails the test.
func handle(t testing.TB, b bridge.Bridge, method string, h bridge.Handler) {
	t.Helper()
	if err := b.Handle(method, h); err != nil {
		t.Fatal(err)
	}
}

func echo(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
	return params[0], nil
}

func fail(context.Context, []json.RawMessage) (json.RawMessage, error) {
	return nil, errors.New("no funds")
}

func TestUpcallsAreMeasured(t *testing.T) {
	b, peer, registry := pair(t)
	handle(t, peer, "echo", echo)
	handle(t, peer, "fail", fail)
	for range 3 {
		if result, err := b.Call(t.Context(), "echo", raw(`"12"`), raw("345")); err != nil || string(result) != `"12"` {
			t.Fatalf("%s %v", result, err)
		}
	}
	var remote *bridge.RemoteError
	if _, err := b.Call(t.Context(), "fail"); !errors.As(err, &remote) || err.Error() != "no funds" {
		t.Fatalf("%T %v", err, err)
	}
	expect(t, registry, "up", "echo", 3, 0, 3*7, 3*4)
	expect(t, registry, "up", "fail", 1, 1, 0, 0)
}

func TestDowncallsAreMeasured(t *testing.T) {
	b, peer, registry := pair(t)
	handle(t, b, "echo", echo)
	handle(t, b, "fail", fail)
	handle(t, b, "panic", func(context.Context, []json.RawMessage) (json.RawMessage, error) { panic("boom") })
	expect(t, registry, "down", "echo", 0, 0, 0, 0)
	for range 3 {
		if _, err := peer.Call(t.Context(), "echo", raw(`"12"`), raw("345")); err != nil {
			t.Fatal(err)
		}
	}
	for method, message := range map[string]string{"fail": "no funds", "panic": "boom"} {
		if _, err := peer.Call(t.Context(), method, raw("1")); err == nil || err.Error() != message {
			t.Errorf("%s: %v", method, err)
		}
		expect(t, registry, "down", method, 1, 1, 1, 0)
	}
	expect(t, registry, "down", "echo", 3, 0, 3*7, 3*4)
}

func TestWhatRunsIsInProgress(t *testing.T) {
	b, peer, registry := pair(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	handle(t, peer, "block", func(ctx context.Context, _ []json.RawMessage) (json.RawMessage, error) {
		return peer.Call(ctx, "read")
	})
	handle(t, b, "read", func(context.Context, []json.RawMessage) (json.RawMessage, error) {
		close(entered)
		<-leave
		return raw("1"), nil
	})
	done := make(chan error)
	go func() { _, err := b.Call(t.Context(), "block"); done <- err }()
	<-entered
	for direction, method := range map[string]string{"up": "block", "down": "read"} {
		if n := read(t, registry, "calls_in_progress", direction, method).GetGauge().GetValue(); n != 1 {
			t.Errorf("%s %s: %g in progress, want 1", direction, method, n)
		}
	}
	close(leave)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	expect(t, registry, "up", "block", 1, 0, 0, 1)
	expect(t, registry, "down", "read", 1, 0, 0, 1)
}

func TestCallsOfAClosedBridgeAreErrors(t *testing.T) {
	b, peer, registry := pair(t)
	entered := make(chan struct{})
	handle(t, peer, "hang", func(ctx context.Context, _ []json.RawMessage) (json.RawMessage, error) {
		close(entered)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	pending := make(chan error)
	go func() { _, err := b.Call(t.Context(), "hang", raw("1")); pending <- err }()
	<-entered
	b.Close()
	var closed *bridge.ClosedError
	if err := <-pending; !errors.As(err, &closed) {
		t.Errorf("%T %v", err, err)
	}
	if _, err := b.Call(t.Context(), "hang", raw("1")); !errors.As(err, &closed) {
		t.Errorf("%T %v", err, err)
	}
	if err := b.Notify("note"); !errors.As(err, &closed) {
		t.Errorf("%T %v", err, err)
	}
	expect(t, registry, "up", "hang", 2, 2, 2, 0)
	if read(t, registry, "notifications_total", "note") != nil {
		t.Error("a notification was counted that was not sent")
	}
}

func TestNotificationsAreCounted(t *testing.T) {
	b, peer, registry := pair(t)
	heard := make(chan struct{})
	handle(t, peer, "note", func(context.Context, []json.RawMessage) (json.RawMessage, error) {
		heard <- struct{}{}
		return nil, nil
	})
	for range 2 {
		if err := b.Notify("note"); err != nil {
			t.Fatal(err)
		}
		<-heard
	}
	if n := read(t, registry, "notifications_total", "note").GetCounter().GetValue(); n != 2 {
		t.Errorf("%g notifications, want 2", n)
	}
}

func TestThePeerMakesNoSeries(t *testing.T) {
	b, peer, registry := pair(t)
	handle(t, b, "echo", echo)
	if _, err := peer.Call(t.Context(), "unheard of"); err == nil {
		t.Fatal("a method without a handler was answered")
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if text := family.String(); strings.Contains(text, "unheard of") {
			t.Error(text)
		}
	}
}

func TestQueuesAreReadAtAScrape(t *testing.T) {
	b, peer, registry := pair(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	handle(t, b, "wait", func(context.Context, []json.RawMessage) (json.RawMessage, error) {
		close(entered)
		<-leave
		return nil, nil
	})
	last := make(chan struct{})
	handle(t, b, "note", func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
		if string(params[0]) == "3" {
			close(last)
		}
		return nil, nil
	})
	if err := peer.Notify("wait"); err != nil {
		t.Fatal(err)
	}
	<-entered
	for _, param := range []string{"1", "2", "3"} {
		if err := peer.Notify("note", raw(param)); err != nil {
			t.Fatal(err)
		}
	}
	inbound := func(metric string) float64 {
		return read(t, registry, metric, "inbound", "split").GetGauge().GetValue()
	}
	for began := time.Now(); inbound("queued_messages") < 3; { // they are on their way
		if time.Since(began) > 20*time.Second {
			t.Fatal("the messages do not arrive")
		}
	}
	frame := `{"id":null,"method":"note","params":[1]}`
	if n := inbound("queued_bytes"); n != float64(3*len(frame)) {
		t.Errorf("%g bytes wait, want %d", n, 3*len(frame))
	}
	if read(t, registry, "queued_messages", "outbound", "split") == nil {
		t.Error("no outbound queue")
	}
	close(leave)
	<-last
	if n := inbound("queued_messages"); n != 0 {
		t.Errorf("%g messages wait, want none", n)
	}
	b.Close()
	if read(t, registry, "queued_messages") != nil {
		t.Error("a closed bridge has queues")
	}
}

func TestASecondRegistrationSharesTheFirst(t *testing.T) {
	b, peer, registry := pair(t)
	b2, peer2 := wrapped(t, registry)
	handle(t, peer, "echo", echo)
	handle(t, peer2, "echo", echo)
	for _, caller := range []bridge.Bridge{b, b2} {
		if _, err := caller.Call(t.Context(), "echo", raw("1")); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, registry, "up", "echo", 2, 0, 2, 2)
	if _, err := bridgemetrics.Register(registry, "in-process"); err != nil {
		t.Errorf("another mode: %v", err)
	}
	other := prometheus.NewRegistry()
	other.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "agd_bridge_call_bytes", Help: "Of somebody else."}))
	if _, err := bridgemetrics.Register(other, "split"); err == nil {
		t.Error("a metric of the same name was taken for ours")
	}
}

// fixed is a bridge whose calls do nothing; it keeps one handler.
type fixed struct {
	bridge.Bridge
	handler bridge.Handler
}

func (f *fixed) Call(context.Context, string, ...json.RawMessage) (json.RawMessage, error) {
	return raw("true"), nil
}

func (f *fixed) Handle(_ string, h bridge.Handler) error {
	f.handler = h
	return nil
}

// BenchmarkCost is what a measurement adds to a call that costs nothing, and
// to one over pipes.
func BenchmarkCost(b *testing.B) {
	metrics, err := bridgemetrics.Register(prometheus.NewRegistry(), "split")
	if err != nil {
		b.Fatal(err)
	}
	plain := func(b bridge.Bridge) bridge.Bridge { return b }
	params := []json.RawMessage{raw(`"published.bank"`)}
	for _, c := range []struct {
		name string
		wrap func(bridge.Bridge) bridge.Bridge
	}{{"plain", plain}, {"measured", metrics.Wrap}} {
		b.Run("down/nothing/"+c.name, func(b *testing.B) {
			f := &fixed{}
			handle(b, c.wrap(f), "down", echo)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = f.handler(b.Context(), params)
			}
		})
		b.Run("up/nothing/"+c.name, func(b *testing.B) {
			caller := c.wrap(&fixed{})
			b.ReportAllocs()
			for b.Loop() {
				_, _ = caller.Call(b.Context(), "up", params...)
			}
		})
		b.Run("down/pipes/"+c.name, func(b *testing.B) {
			served, peer := plainPair(b)
			handle(b, c.wrap(served), "down", echo)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := peer.Call(b.Context(), "down", params...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
