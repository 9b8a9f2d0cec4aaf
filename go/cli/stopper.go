package cli

import (
	"context"
	"encoding/json"
	"os"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// stopper gathers the requests to stop: our own signals, and in both modes the
// VM's, over the bridge. The first request asks, a second one hurries.
type stopper struct {
	asked, hurry     context.Context
	askNow, hurryNow context.CancelFunc
}

func newStopper() *stopper {
	var s stopper
	s.asked, s.askNow = context.WithCancel(context.Background())
	s.hurry, s.hurryNow = context.WithCancel(context.Background())
	return &s
}

func (s *stopper) isAsked() bool { return s.asked.Err() != nil }

// watchSignals takes signals until the process ends. Each signal of our own
// counts: the first asks, the next hurries.
func (s *stopper) watchSignals(signals <-chan os.Signal) {
	go func() {
		<-signals
		s.askNow()
		<-signals
		s.hurryNow()
	}()
}

// handler takes the VM's requests. One Ctrl-C reaches both processes, so the
// VM's first one never hurries; it says itself when a signal was its second.
func (s *stopper) handler() bridge.Handler {
	return func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
		var request struct {
			Again bool `json:"again"`
		}
		if len(params) > 0 {
			if err := json.Unmarshal(params[0], &request); err != nil {
				return nil, err
			}
		}
		s.askNow()
		if request.Again {
			s.hurryNow()
		}
		return json.RawMessage("null"), nil
	}
}
