package node

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"cosmossdk.io/log/v2"
)

func TestWhatCometBFTOnlyLogsIsAFailure(t *testing.T) {
	full := fmt.Errorf("flush: %w", &os.PathError{Op: "write", Path: "data/x", Err: syscall.ENOSPC})
	for _, c := range []struct {
		message string
		pairs   []any
		want    string
	}{
		{"CONSENSUS FAILURE!!!", []any{"err", "UPGRADE", "stack", "goroutine 1"}, "consensus failed: UPGRADE"},
		{"Periodic WAL flush failed", []any{"err", full}, "consensus' log (WAL) failed: flush: write data/x: no space left on device"},
		{"failed writing to WAL", []any{"err", full}, "consensus' log (WAL) failed: flush: write data/x: no space left on device"},
		{"failed flushing WAL to disk", nil, "consensus' log (WAL) failed"},
		{"failed to index block txs", []any{"height", 7, "err", full}, "failed to index block txs: flush: write data/x: no space left on device"},
		{"failed to index block", []any{"height", 7, "err", errors.New("connection refused")}, ""},
		{"State sync failed", []any{"err", errors.New("snapshot restoration was aborted")}, "state-sync failed (before another try: `agd comet unsafe-reset-all`): snapshot restoration was aborted"},
		{"Failed to add block", []any{"peer", "x", "err", full}, ""},
	} {
		var got error
		var logger = cometLogger{log.NewNopLogger(), func(err error) { got = err }}
		logger.With("module", "consensus").Error(c.message, c.pairs...)
		if text := fmt.Sprint(got); text != c.want && (got != nil || c.want != "") {
			t.Errorf("%s: got %q, want %q", c.message, text, c.want)
		}
	}
}

func TestAStopOfCometBFTIsNoError(t *testing.T) {
	for _, c := range []struct {
		message string
		pairs   []any
		isError bool
	}{
		{"Stopped accept routine, as transport is closed", []any{"numPeers", 0}, false},
		{"Error serving server", []any{"err", &net.OpError{Op: "accept", Err: net.ErrClosed}}, false},
		{"error while stopping connection", []any{"error", "already stopped"}, false},
		{"CONSENSUS FAILURE!!!", []any{"err", net.ErrClosed}, true},
		{"Error serving server", []any{"err", syscall.EMFILE}, true},
		{"Stopping peer for error", []any{"peer", "x", "err", "EOF"}, true},
		{"Stopping peer for error", []any{"peer", "x", "err", io.EOF}, false},
		{"Stopping peer for error", []any{"peer", "x", "err", net.ErrClosed}, false},
		{"Stopping peer for error", []any{"peer", "x", "err", syscall.ECONNRESET}, true},
		{"Error stopping pool", []any{"err", errors.New("already stopped")}, false},
		{"Error stopping pool", []any{"err", errors.New("other")}, true},
	} {
		var out strings.Builder
		cometLogger{log.NewLogger(&out, log.ColorOption(false)), func(error) {}}.Error(c.message, c.pairs...)
		if isError := strings.Contains(out.String(), " ERR "); isError != c.isError {
			t.Errorf("%s: got %q", c.message, out.String())
		}
	}
}
