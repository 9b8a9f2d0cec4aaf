// Package crash makes agd crash in the same way in both modes, with the
// information to find the reason.
package crash

import (
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// Loudly makes an unrecovered panic, and SIGQUIT, print the stacks of all
// goroutines to standard error and end the process by SIGABRT. By default a Go
// program would exit with 2, and a Go library in another program ignores
// SIGQUIT and aborts on a panic. The main package calls it once.
func Loudly() {
	debug.SetTraceback("crash")
	quit := make(chan os.Signal, 1)
	signal.Notify(quit, syscall.SIGQUIT)
	go func() {
		<-quit
		// Node makes a pipe non-blocking, and Go's runtime drops what a full pipe
		// does not take.
		_ = syscall.SetNonblock(syscall.Stderr, false)
		panic("SIGQUIT: quit")
	}()
}
