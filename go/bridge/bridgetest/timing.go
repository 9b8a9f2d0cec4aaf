package bridgetest

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// Load is the load of calls that JavaScript asks for in a measurement.
type Load struct {
	Method string          `json:"method"`
	Param  json.RawMessage `json:"param"`
	// Milliseconds is the duration of the load. Least and Most bound the number
	// of calls.
	Milliseconds float64 `json:"milliseconds"`
	Least        int     `json:"least"`
	Most         int     `json:"most"`
	// Outstanding is the number of concurrent calls.
	Outstanding int `json:"outstanding"`
}

// Measure makes the calls of a load and returns the duration of each, in
// nanoseconds. It stops at the first error.
func Measure(load Load, call func() error) ([]int64, error) {
	var (
		mu      sync.Mutex
		took    []int64
		failure error
		lanes   sync.WaitGroup
	)
	end := time.Now().Add(time.Duration(load.Milliseconds * float64(time.Millisecond)))
	lane := func() {
		for {
			start := time.Now()
			err := call()
			now := time.Now()
			mu.Lock()
			if err != nil {
				failure = err
			}
			took = append(took, now.Sub(start).Nanoseconds())
			done := failure != nil || len(took) >= load.Most || (len(took) >= load.Least && !now.Before(end))
			mu.Unlock()
			if done {
				return
			}
		}
	}
	for range max(load.Outstanding, 1) - 1 {
		lanes.Go(lane)
	}
	lane()
	lanes.Wait()
	return took, failure
}

// time calls JavaScript from outside any handler, as a chain does. It takes a
// Load. The notification test.Times reports the duration of each call.
func (s *Suite) time(_ context.Context, params []json.RawMessage) (any, error) {
	<-s.bound
	var load Load
	if err := json.Unmarshal(params[0], &load); err != nil {
		return nil, err
	}
	param, err := jsonrpc1.Check(load.Param, jsonrpc1.Limits{MaxNesting: bridge.DefaultLimits().MaxNesting})
	if err != nil {
		return nil, err
	}
	s.ending.Go(func() {
		took, err := Measure(load, func() error {
			_, err := bridge.CallText(context.Background(), s.bridge, load.Method, param)
			return err
		})
		told := map[string]any{"nanoseconds": took}
		if err != nil {
			told["error"] = err.Error()
		}
		if text, err := json.Marshal(told); err == nil {
			_ = s.bridge.Notify("test.Times", text) // a closed bridge has no receiver
		}
	})
	return nil, nil
}
