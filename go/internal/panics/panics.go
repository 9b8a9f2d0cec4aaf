// Package panics makes errors of the panics with which the SDK and CometBFT
// answer some bad input.
package panics

import (
	"fmt"
	"runtime/debug"
)

// Error is a panic that was recovered.
type Error struct {
	thrown any
	// Stack is where it was thrown; empty unless --trace asks for it.
	Stack []byte
}

func (e *Error) Error() string { return fmt.Sprint(e.thrown) }

// Recovered turns a panic in f into an error, because the SDK and CometBFT panic
// on some bad input. If trace returns true, the error contains the stack.
func Recovered(trace func() bool, f func() error) (err error) {
	defer func() {
		thrown := recover()
		if thrown == nil {
			return
		}
		failure := &Error{thrown: thrown}
		if trace() {
			failure.Stack = debug.Stack()
		}
		err = failure
	}()
	return f()
}

// NoTrace asks for no stack.
func NoTrace() bool { return false }
