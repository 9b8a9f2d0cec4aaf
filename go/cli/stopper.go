package cli

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"sync/atomic"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// stopper gathers the requests to stop: our own signals, and in both modes the
// VM's, over the bridge. The first request asks, a second one hurries.
type stopper struct {
	asked, hurry     context.Context
	askNow, hurryNow context.CancelFunc
	// signalled says that a request came from an operator: by a signal.
	signalled atomic.Bool
}

func newStopper() *stopper {
	var s stopper
	s.asked, s.askNow = context.WithCancel(context.Background())
	s.hurry, s.hurryNow = context.WithCancel(context.Background())
	return &s
}

// exitError is the end that a stop asks for.
func (s *stopper) exitError() *exitError {
	if s.signalled.Load() {
		return &exitError{supervisor.ExitSignal, errors.New("stopped by a signal")}
	}
	return &exitError{supervisor.ExitUnasked, errors.New("the VM asked to stop (" + methodStop + "), but names no signal: nobody else has asked")}
}

func (s *stopper) isAsked() bool { return s.asked.Err() != nil }

// watchSignals takes signals until the process ends. Each signal of our own
// counts: the first asks, the next hurries.
func (s *stopper) watchSignals(signals <-chan os.Signal) {
	go func() {
		<-signals
		s.signalled.Store(true)
		s.askNow()
		<-signals
		s.hurryNow()
	}()
}

// stopSignals are those that mean a stop, to agd and to the VM.
var stopSignals = []string{"SIGINT", "SIGTERM", "SIGHUP"}

// handler takes the VM's requests. One Ctrl-C reaches both processes, so the
// VM's first one never hurries; it says itself when a signal was its second. A
// request that names no signal is the VM's own wish.
func (s *stopper) handler() bridge.Handler {
	return func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
		var request struct {
			Signal string `json:"signal"`
			Again  bool   `json:"again"`
		}
		if len(params) > 0 && json.Unmarshal(params[0], &request) != nil {
			request.Signal = "" // what cannot be read names none
		}
		if slices.Contains(stopSignals, request.Signal) {
			s.signalled.Store(true)
		}
		s.askNow()
		if request.Again {
			s.hurryNow()
		}
		return json.RawMessage("null"), nil
	}
}
