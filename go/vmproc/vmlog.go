package vmproc

import (
	"cosmossdk.io/log/v2"

	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// logLines logs what the VM prints. Node's console.warn and console.error, and
// its own last words, go to standard error.
func logLines(logger log.Logger) func(supervisor.Stream, string) {
	return func(stream supervisor.Stream, line string) {
		if stream == supervisor.Stderr {
			logger.Warn(line)
		} else {
			logger.Info(line)
		}
	}
}

// logStates writes the steps of the VM's life.
func logStates(logger log.Logger) func(from, to supervisor.State) {
	return func(from, to supervisor.State) {
		logger.Debug("lifecycle", "from", string(from), "to", string(to))
	}
}
