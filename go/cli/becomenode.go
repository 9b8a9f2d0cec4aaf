package cli

import (
	"os"
	"strings"

	"github.com/agd-bridge/agd-bridge/go/internal/environ"
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
