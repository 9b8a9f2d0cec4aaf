//go:build !unix

package split

import "io"

// nonBlockingFile returns nil: writes may block.
func nonBlockingFile(io.Writer) func([]byte) int { return nil }
