package main

import (
	"fmt"
	"os"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge/inproc"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// JavaScript ends the process. If JavaScript is stuck in a loop it cannot, so
// this library does, as agd ends the VM's process in split mode.
const (
	// endGrace is how long JavaScript may take to exit after the command's end.
	endGrace = 5 * time.Second
	// againGrace is how long the whole shutdown may take after the second
	// signal.
	againGrace = 8 * time.Second
)

// endWithin ends the process after grace, if it still runs.
func endWithin(grace time.Duration, exitCode int) {
	time.AfterFunc(grace, func() {
		fmt.Fprintf(os.Stderr, "agd: the VM did not end within %v: killed\n", grace)
		os.Exit(exitCode)
	})
}

// signals delivers the process's signals. The second one also starts the
// process's end. Nil if the VM did not pass their descriptor.
func (c config) signals() func() <-chan os.Signal {
	if c.Signals == 0 {
		return nil
	}
	delivered := make(chan os.Signal, 2)
	go func() {
		count := 0
		for signal := range inproc.Signals(c.Signals) {
			if count++; count == 2 {
				endWithin(againGrace, supervisor.ExitSignal)
			}
			select {
			case delivered <- signal:
			default:
			}
		}
	}()
	return func() <-chan os.Signal { return delivered }
}
