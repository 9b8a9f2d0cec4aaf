package vmproc

import (
	"regexp"

	"cosmossdk.io/log/v2"

	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// ownTime matches the time that the kernel's loggers put before their lines; the
// log has its own.
var ownTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z `)

// logLines logs the VM's output. Node writes console.warn, console.error and
// its own last words to standard error.
func logLines(logger log.Logger) func(supervisor.Stream, string) {
	return func(stream supervisor.Stream, line string) {
		line = ownTime.ReplaceAllString(line, "")
		if stream == supervisor.Stderr && supervisor.IsOrphans(line) {
			logger.Debug(line)
		} else if stream == supervisor.Stderr {
			logger.Warn(line)
		} else {
			logger.Info(line)
		}
	}
}

// logStates logs the VM's changes of state.
func logStates(logger log.Logger) func(from, to supervisor.State) {
	return func(from, to supervisor.State) {
		logger.Debug("lifecycle", "from", string(from), "to", string(to))
	}
}
