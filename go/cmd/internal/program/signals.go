package program

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/agd-bridge/agd-bridge/go/cmd/internal/early"
)

// stopSignals returns the signals that stop a command. Before takeSignals they
// end the process (go/cmd/agd/early.c, package early), or have their default effect. An
// ignored SIGHUP, as set by nohup, is not among them.
func stopSignals() []os.Signal {
	if hangupIgnored() {
		return []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	}
	return []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}
}

// hangupIgnored reports whether agd was started with SIGHUP ignored, as by
// nohup.
func hangupIgnored() bool { return signal.Ignored(syscall.SIGHUP) }

// taken are the stop signals that this process has received; nil before
// takeSignals.
var taken chan os.Signal

func takeSignals() <-chan os.Signal {
	taken = make(chan os.Signal, 2)
	signal.Notify(taken, stopSignals()...)
	early.Pause()
	return taken
}
