//go:build !cgo

package program

// hasLibrary reports whether this build includes the in-process mode. A C
// library of Go code needs cgo.
const hasLibrary = false
