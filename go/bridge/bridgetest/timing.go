package bridgetest

import (
	"context"
	"encoding/json"
	"sync"
	"time"
)

// Load is how JavaScript wants to be called, for a measurement.
type Load struct {
	Method string          `json:"method"`
	Param  json.RawMessage `json:"param"`
	// Milliseconds is how long to go on; Least and Most bound the calls.
	Milliseconds float64 `json:"milliseconds"`
	Least        int     `json:"least"`
	Most         int     `json:"most"`
	// Outstanding is how many calls are under way at a time.
	Outstanding int `json:"outstanding"`
}

// Measure makes the calls of a load and returns what each took, in
// nanoseconds. It ends early when one fails.
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

// time calls JavaScript from outside any handler, as a chain does, and tells
// by the notification test.Times what each call took. It takes a Load.
func (s *Suite) time(_ context.Context, params []json.RawMessage) (any, error) {
	<-s.bound
	var load Load
	if err := json.Unmarshal(params[0], &load); err != nil {
		return nil, err
	}
	s.ending.Go(func() {
		took, err := Measure(load, func() error {
			_, err := s.bridge.Call(context.Background(), load.Method, load.Param)
			return err
		})
		told := map[string]any{"nanoseconds": took}
		if err != nil {
			told["error"] = err.Error()
		}
		if text, err := json.Marshal(told); err == nil {
			_ = s.bridge.Notify("test.Times", text) // a closed bridge has nobody to tell
		}
	})
	return nil, nil
}
