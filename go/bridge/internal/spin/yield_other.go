//go:build !linux

package spin

import "runtime"

// yield lets another goroutine have this processor.
func yield() { runtime.Gosched() }
