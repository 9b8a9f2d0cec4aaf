package vmproc

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// Program is the running agd as the starter of other programs.
type Program struct {
	// Files are the parts of the installation.
	Files supervisor.Files
	// Args is the command line without the program's name.
	Args []string
	// Env is the environment, as in os.Environ, for the VM.
	Env []string
	// Exec replaces the process; it returns only an error. It is nil where
	// Node.js hosts agd.
	Exec func(argv, env []string) error
}

// envPreload names libraries for the dynamic loader, see ld.so(8).
const envPreload = "LD_PRELOAD"

// becomeNode replaces the process by Node.js, the same process id; it returns
// only an error. A stop signal that comes before JavaScript listens ends it
// with the exit code of a stop (packages/agvm/native/early-signals.c); without
// that library, or for a node that the loader does not preload, by the signal.
func (p Program) becomeNode(argv, env []string) error {
	library := p.Files.EarlySignals
	// The loader cannot quote a name that contains one of its separators.
	if _, err := os.Stat(library); err == nil && !strings.ContainsAny(library, ": ") {
		if others := environ.Get(env, envPreload); others != "" {
			library += ":" + others
		}
		env = environ.With(env, envPreload, library)
	}
	return p.Exec(argv, env)
}

// Become replaces the process by Node.js with a program beside agd, for a
// command. It returns only an error.
func (p Program) Become(command, file string, args []string) error {
	if p.Exec == nil {
		return fmt.Errorf("%s needs a process of its own", command)
	}
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("no program at %s: run `make build`", file)
	}
	argv, err := supervisor.VMCommand(file, nil, args)
	if err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", argv[0], p.becomeNode(argv, p.Env))
}

// vmArgs are the VM's arguments: agd's own, with the home resolved. The last
// --home wins, for agd and for the kernel.
func (p Program) vmArgs(layout home.Layout) []string {
	absolute, err := filepath.Abs(string(layout))
	if err != nil {
		absolute = string(layout)
	}
	return append(append([]string{}, p.Args...), "--"+flags.FlagHome, absolute)
}
