// Command agd is the chain node and its command line, as a process of its own.
// Builds without DEBUG=1 have go/cmd/launcher and libagd instead.
package main

import (
	"github.com/agd-bridge/agd-bridge/go/cmd/internal/crash"
	"github.com/agd-bridge/agd-bridge/go/cmd/internal/program"
)

func main() {
	crash.Loudly()
	program.Main()
}
