//go:build !cgo

// Package early ends agd with the exit code of a stop when a stop signal comes
// before agd takes signals, as cmd/agd/early.c does in an agd that is built with
// cgo. Nothing has begun then that would have to be ended.
//
// The package imports only the standard library. Go initializes packages in the
// order of their paths as soon as their imports are initialized, so this one
// precedes the SDK, whose packages take up to half a second on a busy machine.
package early

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// exitSignal is supervisor.ExitSignal, whose package is initialized later.
const exitSignal = 98

// commands document this exit code. Another word of the command line that reads
// the same does no harm.
var commands = []string{"start", "export", "restore", "localnet", "devnet", "ab"}

// received has the stop signals that end the process; nil for a command that
// does not document their exit code.
var received chan os.Signal

func init() {
	if !slices.ContainsFunc(os.Args[1:], func(arg string) bool { return slices.Contains(commands, arg) }) {
		return
	}
	received = make(chan os.Signal, 1)
	Resume()
	go func() {
		<-received
		os.Exit(exitSignal)
	}()
}

// Pause lets stop signals no longer end the process. The caller has asked for
// them before, so that none is lost.
func Pause() {
	if received != nil {
		signal.Stop(received)
	}
}

// Resume lets stop signals end the process, except SIGHUP if it is ignored, as
// by nohup.
func Resume() {
	if received == nil {
		return
	}
	stops := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		stops = append(stops, syscall.SIGHUP)
	}
	signal.Notify(received, stops...)
}
