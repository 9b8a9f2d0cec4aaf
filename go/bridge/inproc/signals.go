package inproc

import (
	"os"
	"syscall"
)

// Signals delivers what mirrorSignals of packages/bridge-inproc writes to a
// pipe: the signals of Node's process, which keeps them. They come whether or
// not JavaScript has time for its own listeners. The descriptor is Signals'
// from here on. Signals that nobody receives wait in the pipe. The channel is
// never closed.
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
