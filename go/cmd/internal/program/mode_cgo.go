//go:build cgo

package program

// hasLibrary reports whether this build includes the in-process mode, for which
// agd is built a second time, as a C library.
const hasLibrary = true
