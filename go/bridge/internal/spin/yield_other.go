//go:build !linux

package spin

import "runtime"

// yield yields this CPU to another goroutine.
func yield() { runtime.Gosched() }
