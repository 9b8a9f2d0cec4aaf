package cli

import (
	"errors"
	"fmt"
	"io"

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

// vmLogger is for what the VM's process prints, and the workers below it.
func vmLogger(svr *server.Context, out io.Writer) (log.Logger, error) {
	logger, err := server.CreateSDKLogger(svr, out)
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

// cometLogger is CometBFT's logger. Consensus that has failed only logs it, and
// the process stays (CometBFT's consensus/state.go, receiveRoutine): failed is
// told.
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
	if message != "CONSENSUS FAILURE!!!" {
		return
	}
	reason := errors.New("consensus failed")
	if len(pairs) > 1 { // "err", what was thrown, "stack", …
		reason = fmt.Errorf("consensus failed: %v", pairs[1])
	}
	l.failed(reason)
}

// logStates writes the steps of the VM's life.
func logStates(logger log.Logger) func(from, to supervisor.State) {
	return func(from, to supervisor.State) {
		logger.Debug("lifecycle", "from", string(from), "to", string(to))
	}
}
