package vmproc

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"sync/atomic"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/contract"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// Stopper collects the requests to stop: agd's own signals, and in both modes
// the VM's, over the bridge. The first request starts the stop, a second one
// shortens its waits.
type Stopper struct {
	// Asked is done after the first request, Hurry after the second.
	Asked, Hurry     context.Context
	askNow, hurryNow context.CancelFunc
	// signalled: a request came from an operator, by a signal.
	signalled atomic.Bool
}

// NewStopper returns a Stopper without requests.
func NewStopper() *Stopper {
	var s Stopper
	s.Asked, s.askNow = context.WithCancel(context.Background())
	s.Hurry, s.hurryNow = context.WithCancel(context.Background())
	return &s
}

// ExitError returns the error that ends a stopped command.
func (s *Stopper) ExitError() *supervisor.ExitError {
	if s.signalled.Load() {
		return &supervisor.ExitError{Code: supervisor.ExitSignal, Err: errors.New("stopped by a signal")}
	}
	return &supervisor.ExitError{Code: supervisor.ExitUnasked, Err: errors.New("the VM requested a stop (" + contract.MethodStopAgd + ") without the name of a signal")}
}

// IsAsked reports whether there was a request.
func (s *Stopper) IsAsked() bool { return s.Asked.Err() != nil }

// watchSignals takes signals until the process ends. Each signal counts as a
// request.
func (s *Stopper) watchSignals(signals <-chan os.Signal) {
	go func() {
		<-signals
		s.signalled.Store(true)
		s.askNow()
		<-signals
		s.hurryNow()
	}()
}

// stopSignals are the signals that stop agd and the VM.
var stopSignals = []string{"SIGINT", "SIGTERM", "SIGHUP"}

// handler handles the VM's requests. One Ctrl-C reaches both processes, so the
// VM's first request never counts as the second; the VM itself marks its second
// signal. A request without a signal's name is the VM's own.
func (s *Stopper) handler() bridge.Handler {
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
