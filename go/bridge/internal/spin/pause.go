//go:build amd64 || arm64

package spin

// pause executes the CPU's PAUSE instruction, which leaves more of a core to
// its other hardware thread. It is in assembly because Go does not offer it.
func pause()
