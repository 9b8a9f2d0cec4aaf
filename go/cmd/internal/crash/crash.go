// Package crash makes agd crash alike in both modes, and so that the reason
// can be found.
package crash

import (
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// Loudly makes a panic that nobody recovers, and SIGQUIT, print the stacks of
// all goroutines to standard error and end the process by SIGABRT. A Go
// program of its own would exit with 2; a Go library in another program takes
// no SIGQUIT, and aborts on a panic. It is called once, by the main package.
func Loudly() {
	debug.SetTraceback("crash")
	quit := make(chan os.Signal, 1)
	signal.Notify(quit, syscall.SIGQUIT)
	go func() {
		<-quit
		panic("SIGQUIT: quit")
	}()
}
