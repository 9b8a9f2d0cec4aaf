//go:build amd64 || arm64

package spin

// pause tells the processor that this is a loop that waits, so that it leaves
// more of a core to whoever shares it. In assembly: Go has no name for it.
func pause()
