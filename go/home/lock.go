package home

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/agd-bridge/agd-bridge/go/internal/filelock"
)

// ErrRuns is the error of a home whose lock another agd holds.
var ErrRuns = errors.New("another agd runs")

// Lock takes the data directory of a home for this process alone, until
// the lock is closed or the process ends. Children do not inherit it. The
// databases have locks of their own, but a kernel would be started before they
// are opened, and a reset deletes them unasked.
func Lock(home string) (io.Closer, error) {
	path := Layout(home).Data()
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	dir, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	err = filelock.Try(dir)
	if err == nil {
		return dir, nil
	}
	_ = dir.Close()
	if errors.Is(err, filelock.ErrHeld) {
		process := ""
		if pid := Holder(home); pid != 0 {
			process = fmt.Sprintf(" (process %d)", pid)
		}
		return nil, fmt.Errorf("%w on %s: stop it first%s", ErrRuns, home, process)
	}
	return nil, fmt.Errorf("cannot lock %s: %w", path, err)
}
