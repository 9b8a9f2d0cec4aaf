package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// envPreload names libraries for the dynamic loader, see ld.so(8).
const envPreload = "LD_PRELOAD"

// becomeNode replaces the process by Node.js, the same process id; it returns
// only an error. A stop signal that comes before JavaScript listens ends it
// with the exit code of a stop (packages/agvm/native/early-signals.c); without
// that library, or for a node that the loader does not preload, by the signal.
func (host Host) becomeNode(argv, env []string) error {
	library := host.Files.EarlySignals
	// The loader has no quotes for a name with one of its separators.
	if _, err := os.Stat(library); err == nil && !strings.ContainsAny(library, ": ") {
		if others := environ.Get(env, envPreload); others != "" {
			library += ":" + others
		}
		env = environ.With(env, envPreload, library)
	}
	return host.Exec(argv, env)
}

// becomeProgram becomes Node.js, the same process, on a program beside agd. It
// returns only if it cannot.
func (host Host) becomeProgram(command, file string, args []string) error {
	if host.Exec == nil {
		return fmt.Errorf("%s needs a process of its own", command)
	}
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("no program at %s: run `make build`", file)
	}
	argv, err := supervisor.VMCommand(file, nil, args)
	if err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", argv[0], host.becomeNode(argv, host.Env))
}
