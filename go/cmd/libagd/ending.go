package main

import (
	"fmt"
	"os"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge/inproc"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// The process is JavaScript's to end. JavaScript that never comes back from a
// loop cannot: then we do, as agd does with the VM's process in split mode.
const (
	// endGrace is how long JavaScript may take after the command's end.
	endGrace = 5 * time.Second
	// againGrace is how long everything may take after the second signal.
	againGrace = 8 * time.Second
)

// endWithin ends the process after that time, if it is still there.
func endWithin(grace time.Duration, exitCode int) {
	time.AfterFunc(grace, func() {
		fmt.Fprintf(os.Stderr, "agd: the VM did not end within %v: killed\n", grace)
		os.Exit(exitCode)
	})
}

// signals delivers the process's signals. The second one also starts the
// process's end. Nil if the VM did not say where they can be read.
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
