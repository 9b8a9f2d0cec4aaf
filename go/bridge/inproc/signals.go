package inproc

import (
	"os"
	"syscall"
)

// Signals delivers the signals of Node's process, which mirrorSignals of
// packages/bridge-inproc writes to a pipe. Node handles them as well. They
// arrive even while JavaScript is too busy for its own listeners. Signals takes
// ownership of the descriptor. Signals that the caller does not receive stay in
// the pipe. The channel is never closed.
func Signals(descriptor int) <-chan os.Signal {
	signals := make(chan os.Signal)
	pipe := os.NewFile(uintptr(descriptor), "signals")
	go func() {
		defer pipe.Close()
		number := make([]byte, 1)
		for {
			if _, err := pipe.Read(number); err != nil {
				return
			}
			signals <- syscall.Signal(number[0])
		}
	}()
	return signals
}
