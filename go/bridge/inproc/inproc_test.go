package inproc

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// fakeHost records the callbacks to JavaScript. The session serialises them, as
// it does for the addon.
type fakeHost struct {
	events chan string
	refuse error
}

func newHost() *fakeHost { return &fakeHost{events: make(chan string, 16)} }

func (h *fakeHost) frame(frame []byte) error {
	if h.refuse != nil {
		return h.refuse
	}
	h.events <- "frame " + string(frame)
	return nil
}

func (h *fakeHost) closed() { h.events <- "closed" }

func (h *fakeHost) exit(exitCode int, message string) {
	h.events <- "exit " + string(rune('0'+exitCode)) + " " + message
	close(h.events)
}

// all waits for the exit callback and returns every event before it.
func (h *fakeHost) all() string {
	var events []string
	for event := range h.events {
		events = append(events, event)
	}
	return strings.Join(events, "; ")
}

// open opens a bridge in its own library.
func open(t *testing.T, h host, run bridge.Program) (*registry, uint64) {
	t.Helper()
	r := &registry{}
	r.serve(func(json.RawMessage) (bridge.Options, bridge.Program, error) { return bridge.Options{}, run, nil })
	handle, err := r.open(json.RawMessage(`{"a":1}`), h)
	if err != nil {
		t.Fatal(err)
	}
	return r, handle
}

func TestTheProgramsEndIsTheLastThatJavaScriptHears(t *testing.T) {
	for _, test := range []struct {
		name string
		run  bridge.Program
		want string
	}{
		{"clean", func(context.Context, bridge.Bridge, json.RawMessage) (int, error) {
			return 0, nil
		}, "closed; exit 0 "},
		{"failure", func(context.Context, bridge.Bridge, json.RawMessage) (int, error) {
			return 3, errors.New("no such chain")
		}, "closed; exit 3 no such chain"},
		{"panic", func(context.Context, bridge.Bridge, json.RawMessage) (int, error) {
			panic("oh no")
		}, "closed; exit 2 panic: oh no"},
		{"Goexit", func(context.Context, bridge.Bridge, json.RawMessage) (int, error) {
			runtime.Goexit()
			return 0, nil
		}, "closed; exit 2 the program ended by runtime.Goexit"},
		{"after its own close", func(_ context.Context, b bridge.Bridge, _ json.RawMessage) (int, error) {
			return 1, b.Close()
		}, "closed; exit 1 "},
		{"after a notification", func(_ context.Context, b bridge.Bridge, config json.RawMessage) (int, error) {
			return 0, b.Notify("hello", config)
		}, `frame {"id":null,"method":"hello","params":[{"a":1}]}; closed; exit 0 `},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHost()
			open(t, h, test.run)
			if got := h.all(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestClosingByJavaScriptEndsTheContextAndForgetsTheHandle(t *testing.T) {
	h := newHost()
	r, handle := open(t, h, func(ctx context.Context, b bridge.Bridge, _ json.RawMessage) (int, error) {
		<-ctx.Done()
		if err := b.Notify("late"); err == nil {
			return 1, errors.New("a notification was sent after the end")
		}
		return 0, b.Err()
	})
	r.find(handle).peer.End(nil)
	if got, want := h.all(), "closed; exit 0 bridge closed by the peer"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if r.find(handle) != nil {
		t.Error("the handle is still known")
	}
}

func TestAHostThatTakesNoMoreFramesIsGone(t *testing.T) {
	h := newHost()
	h.refuse = errPeerClosed
	open(t, h, func(ctx context.Context, b bridge.Bridge, _ json.RawMessage) (int, error) {
		_ = b.Notify("hello")
		<-ctx.Done()
		return 0, b.Err()
	})
	if got, want := h.all(), "closed; exit 0 "+errPeerClosed.Message; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestALibraryWithoutAProgramRefusesToOpen(t *testing.T) {
	r := &registry{}
	if _, err := r.open(nil, newHost()); err == nil || !strings.Contains(err.Error(), "inproc.Serve") {
		t.Errorf("got %v", err)
	}
}

func TestAProgramMayRefuseItsConfig(t *testing.T) {
	r := &registry{}
	r.serve(func(config json.RawMessage) (bridge.Options, bridge.Program, error) {
		return bridge.Options{}, nil, errors.New("bad config " + string(config))
	})
	if _, err := r.open(json.RawMessage("1"), newHost()); err == nil || err.Error() != "bad config 1" {
		t.Errorf("got %v", err)
	}
}

func TestALibraryHasOneProgram(t *testing.T) {
	r := &registry{}
	start := func(json.RawMessage) (bridge.Options, bridge.Program, error) { return bridge.Options{}, nil, nil }
	if !r.serve(start) || r.serve(start) {
		t.Error("the second Serve was taken")
	}
}
