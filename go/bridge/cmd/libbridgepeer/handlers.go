package main

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

var null = json.RawMessage("null")

// handlers returns the handlers that the in-process tests need beyond the
// conformance suite.
func (p *program) handlers() map[string]bridge.Handler {
	return map[string]bridge.Handler{
		// program.Echo returns its first param.
		"program.Echo": func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
			return params[0], nil
		},
		// program.Running returns the number of programs of the library that
		// still run.
		"program.Running": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			return json.Marshal(running.Load())
		},
		// program.Goroutines returns the number of goroutines.
		"program.Goroutines": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			return json.Marshal(runtime.NumGoroutine())
		},
		// program.Signals returns the number of signals received.
		"program.Signals": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			return json.Marshal(p.signals.Load())
		},
		// program.Sleep responds after [milliseconds].
		"program.Sleep": func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
			var ms int
			if err := json.Unmarshal(params[0], &ms); err != nil {
				return nil, err
			}
			time.Sleep(time.Duration(ms) * time.Millisecond)
			return null, nil
		},
		// program.Recurse returns its first param, a number. It recurses as
		// deep as the last two digits say, so that goroutine stacks grow to
		// many different depths.
		"program.Recurse": func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
			var n int
			if err := json.Unmarshal(params[0], &n); err != nil {
				return nil, err
			}
			recurse(n % 100)
			return params[0], nil
		},
		// program.Flood sends [n, payload]: n notifications of method "flood",
		// and returns n.
		"program.Flood": func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
			var n int
			if err := json.Unmarshal(params[0], &n); err != nil {
				return nil, err
			}
			for i := range n {
				number, _ := json.Marshal(i)
				if err := p.bridge.Notify("flood", number, params[1]); err != nil {
					return nil, err
				}
			}
			return params[0], nil
		},
		// program.Wait responds when the bridge has closed.
		"program.Wait": func(ctx context.Context, _ []json.RawMessage) (json.RawMessage, error) {
			<-ctx.Done()
			return null, nil
		},
		// program.Close closes the Go side's end.
		"program.Close": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			return null, p.bridge.Close()
		},
		// program.End ends the program with [exitCode, message].
		"program.End": func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
			var exitCode int
			var message string
			if err := errors.Join(json.Unmarshal(params[0], &exitCode), json.Unmarshal(params[1], &message)); err != nil {
				return nil, err
			}
			p.end <- func() (int, error) { return exitCode, errors.New(message) }
			return null, nil
		},
		// program.EndAfter ends it with exit code 98, in [milliseconds].
		"program.EndAfter": func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
			var ms int
			if err := json.Unmarshal(params[0], &ms); err != nil {
				return nil, err
			}
			time.AfterFunc(time.Duration(ms)*time.Millisecond, func() {
				p.end <- func() (int, error) { return 98, nil }
			})
			return null, nil
		},
		// program.Panic ends it with a panic.
		"program.Panic": func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
			p.end <- func() (int, error) { panic(string(params[0])) }
			return null, nil
		},
	}
}

//go:noinline
func recurse(depth int) byte {
	var frame [256]byte
	frame[depth] = byte(depth)
	if depth == 0 {
		return 0
	}
	return recurse(depth-1) + frame[depth]
}
