package node

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"cosmossdk.io/log/v2"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/shell"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/trace"
)

// keptCrashFiles is the number of the flight recorder's files that a home keeps.
const keptCrashFiles = 5

// slowEvery is the least time between two files because of slow calls.
const slowEvery = 10 * time.Minute

// flight writes the flight recorder's files and logs how to replay them.
type flight struct {
	tracer *trace.Tracer
	home   home.Layout
	// agd is the program as the user typed it.
	agd string
	log log.Logger
	// blockOpen reports whether the kernel has a block to repeat.
	blockOpen func() bool

	mu   sync.Mutex
	slow time.Time
}

// write writes a file. A failure is logged: the node ends for another reason.
func (f *flight) write(reason string) {
	root, err := filepath.Abs(string(f.home))
	if err != nil {
		root = string(f.home)
	}
	path, err := f.tracer.WriteCrash(home.Layout(root).Data(), reason, keptCrashFiles)
	switch {
	case errors.Is(err, trace.ErrNoRecorder):
	case path == "":
		f.log.Error("the last frames between chain and kernel were not written", "reason", err.Error())
	case f.blockOpen == nil || f.blockOpen():
		f.log.Error("the last frames between chain and kernel were written", "because", reason, "file", path,
			"replay", fmt.Sprintf("%s bridge replay %s --vm --home %s", f.agd, shell.Quote(path), shell.Quote(root)))
	default: // the home's store has all blocks of the file
		f.log.Error("the last frames between chain and kernel were written; no block was being made", "because", reason, "file", path,
			"look", fmt.Sprintf("%s bridge trace %s", f.agd, shell.Quote(path)))
	}
}

// ended writes a file if the node ended because the VM or a block failed.
func (f *flight) ended(err error) {
	var exit *supervisor.ExitError
	if errors.As(err, &exit) && exit.Code == supervisor.ExitUnasked {
		f.write(err.Error())
	}
}

// slowCall writes a file because of a block action that runs, unless there was
// one lately.
func (f *flight) slowCall(method string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Now(); now.Sub(f.slow) > slowEvery {
		f.slow = now
		go f.write(method + " takes longer than --" + options.FlagSlowCall)
	}
}
