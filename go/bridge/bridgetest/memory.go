package bridgetest

import (
	"context"
	"encoding/json"
	"runtime"
	"runtime/debug"
)

// memory tells what this side holds once its garbage is collected: the bytes
// of Go's heap, and the goroutines.
func (s *Suite) memory(context.Context, []json.RawMessage) (any, error) {
	debug.FreeOSMemory() // collects, too
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return map[string]any{"heapBytes": stats.HeapAlloc, "goroutines": runtime.NumGoroutine()}, nil
}
