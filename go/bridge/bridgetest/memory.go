package bridgetest

import (
	"context"
	"encoding/json"
	"runtime"
	"runtime/debug"
)

// memory returns what this side holds after a garbage collection: the bytes of
// Go's heap and the number of goroutines.
func (s *Suite) memory(context.Context, []json.RawMessage) (any, error) {
	debug.FreeOSMemory() // runs the garbage collector, too
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return map[string]any{"heapBytes": stats.HeapAlloc, "goroutines": runtime.NumGoroutine()}, nil
}
