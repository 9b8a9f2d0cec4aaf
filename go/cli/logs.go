package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	cmtlog "github.com/cometbft/cometbft/libs/log"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// All that agd and its VM print while a node runs is one stream, on standard
// output, and each line names the process that said it.
const (
	keyProcess  = "process"
	processAgd  = "agd"
	processAgvm = "agvm"
)

// lossy is where logs go: a line that cannot be written, since the reader or
// the disk's room is gone, is dropped. The logger would complain about each on
// standard error.
type lossy struct{ io.Writer }

// Write implements io.Writer; it never fails.
func (w lossy) Write(line []byte) (int, error) {
	_, _ = w.Writer.Write(line)
	return len(line), nil
}

// vmLogger is for what the VM's process prints, and the workers below it.
func vmLogger(svr *server.Context, out io.Writer) (log.Logger, error) {
	logger, err := server.CreateSDKLogger(svr, lossy{out})
	if err != nil {
		return nil, err
	}
	return logger.With(keyProcess, processAgvm, log.ModuleKey, "kernel"), nil
}

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

// cometLogger is CometBFT's logger. Some failures CometBFT only logs, and then
// stands still, with its process: failed is told of them.
type cometLogger struct {
	log.Logger
	failed func(error)
}

var _ cmtlog.Logger = cometLogger{}

// With implements cmtlog.Logger.
func (l cometLogger) With(pairs ...any) cmtlog.Logger {
	return cometLogger{l.Logger.With(pairs...), l.failed}
}

// Error implements cmtlog.Logger.
func (l cometLogger) Error(message string, pairs ...any) {
	l.Logger.Error(message, pairs...)
	if err := cometFailure(message, pairs); err != nil {
		l.failed(err)
	}
}

// cometFailures maps what CometBFT says of a failure that leaves it standing
// to what we call it (its consensus/state.go, consensus/wal.go and
// node/setup.go).
var cometFailures = map[string]string{
	// The goroutine of consensus has panicked.
	"CONSENSUS FAILURE!!!": "consensus failed",
	// A log that has failed once takes no entry any more, and consensus has
	// skipped the step that it could not write.
	"Periodic WAL flush failed":   walFailed,
	"failed writing to WAL":       walFailed,
	"failed flushing WAL to disk": walFailed,
	// Nothing else would bring the node its first block.
	"State sync failed": "state-sync failed (before another try: `agd comet unsafe-reset-all`)",
}

const walFailed = "consensus' log (WAL) failed"

// cometFailure is the failure that a log entry of CometBFT tells of, if it is one.
func cometFailure(message string, pairs []any) error {
	what, fails := cometFailures[message]
	var reason any
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == "err" {
			reason = pairs[i+1]
		}
	}
	// CometBFT goes on without an entry of its index; on a full disk every later one would be missing, too.
	if err, _ := reason.(error); !fails && strings.HasPrefix(message, "failed to index block") && errors.Is(err, syscall.ENOSPC) {
		what, fails = message, true
	}
	switch {
	case !fails:
		return nil
	case reason == nil:
		return errors.New(what)
	default:
		return fmt.Errorf("%s: %v", what, reason)
	}
}

// logStates writes the steps of the VM's life.
func logStates(logger log.Logger) func(from, to supervisor.State) {
	return func(from, to supervisor.State) {
		logger.Debug("lifecycle", "from", string(from), "to", string(to))
	}
}
