//go:build !linux

package program

import (
	"fmt"
	"runtime"
)

// exec returns an error: the programs that agd becomes run nodes.
func exec(argv, _ []string) error {
	return fmt.Errorf("cannot become %s: it runs a node, which needs Linux: this is %s", argv[0], runtime.GOOS)
}
