//go:build cgo

// Package early is empty in an agd with cgo: cmd/agd/early.c is earlier.
package early

// Pause does nothing: a signal that Go code has asked for does not reach
// early.c.
func Pause() {}

// Resume does nothing: where no Go code asks for a signal, early.c gets it.
func Resume() {}
