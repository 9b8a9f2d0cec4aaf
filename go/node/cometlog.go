package node

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	cmtlog "github.com/cometbft/cometbft/libs/log"

	"cosmossdk.io/log/v2"
)

// cometLogger is CometBFT's logger. After some failures CometBFT only logs an
// error and makes no further blocks; cometLogger reports these to failed.
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
	failure := cometFailure(message, pairs)
	if failure == nil && endsByClosing(message, pairs) {
		l.Debug(message, pairs...)
		return
	}
	if failure == nil && peerLeft(message, pairs) {
		l.Warn(message, pairs...)
		return
	}
	l.Logger.Error(message, pairs...)
	if failure != nil {
		l.failed(failure)
	}
}

// cometFailures maps CometBFT's log messages of failures after which it stops
// making blocks to agd's descriptions (its consensus/state.go, consensus/wal.go
// and node/setup.go).
var cometFailures = map[string]string{
	// The goroutine of consensus has panicked.
	"CONSENSUS FAILURE!!!": "consensus failed",
	// A log that has failed once accepts no more entries, and consensus has
	// skipped the step that it could not write.
	"Periodic WAL flush failed":   walFailed,
	"failed writing to WAL":       walFailed,
	"failed flushing WAL to disk": walFailed,
	// Without state-sync the node would never get its first block.
	"State sync failed":                       stateSyncFailed,
	"Failed to bootstrap node with new state": stateSyncFailed,
	"Failed to store last seen commit":        stateSyncFailed,
	"Failed to switch to block sync":          stateSyncFailed,
}

const stateSyncFailed = "state-sync failed (before another try: `agd comet unsafe-reset-all`)"

const walFailed = "consensus' log (WAL) failed"

// endsByClosing reports whether an error of CometBFT means only that a loop
// ended because agd closed its listener, as in every stop, or because a client
// closed its connection, as `agd tx --wait` does.
func endsByClosing(message string, pairs []any) bool {
	err, _ := reasonOf(pairs).(error)
	switch message {
	case "Stopped accept routine, as transport is closed", "error while stopping connection":
		return true
	// Of the RPC's websocket: the client has gone.
	case "Failed to read request", "Failed to write response", "Error closing websocket connection":
		return true
	case "Error stopping pool": // block sync is complete
		return err != nil && err.Error() == "already stopped"
	}
	return errors.Is(err, net.ErrClosed)
}

// peerLeft reports whether an error of CometBFT means only that a peer closed its
// connection, as each does that stops.
func peerLeft(message string, pairs []any) bool {
	err, _ := reasonOf(pairs).(error)
	return message == "Stopping peer for error" && errors.Is(err, io.EOF)
}

// reasonOf returns the error of a log entry of CometBFT, nil if it has none.
func reasonOf(pairs []any) (reason any) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == "err" {
			reason = pairs[i+1]
		}
	}
	return reason
}

// cometFailure returns the failure that a log entry of CometBFT reports, if any.
func cometFailure(message string, pairs []any) error {
	what, fails := cometFailures[message]
	reason := reasonOf(pairs)
	// CometBFT continues without an entry of its index; on a full disk all later ones would be missing too.
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
