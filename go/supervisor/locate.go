package supervisor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agd-bridge/agd-bridge/go/internal/nodejs"
)

// Files are the files that agd finds beside the real path of its own binary.
// That is the build directory, or lib/agd-bridge of an installation, even if a
// symbolic link (such as cosmovisor's) started agd.
type Files struct {
	// Binary is agd itself.
	Binary string
	// VM is the entry point of the VM process.
	VM string
	// Library is agd as a C library for the in-process mode; "" if this agd has
	// no such mode.
	Library string
	// AB is the program of `agd ab`.
	AB string
	// Localnet is the program of `agd localnet`.
	Localnet string
	// Devnet is the program of `agd devnet`.
	Devnet string
	// About is the program that describes the VM.
	About string
	// Jail is the program that confines itself and then becomes the VM.
	Jail string
	// EarlySignals is the library that is preloaded into the Node.js process
	// that agd becomes.
	EarlySignals string
}

// FilesBeside returns the files beside binary, the path of a running agd.
func FilesBeside(binary string) (Files, error) {
	real, err := filepath.EvalSymlinks(binary)
	if err != nil {
		return Files{}, err
	}
	dir := filepath.Dir(real)
	return Files{
		Binary:   real,
		VM:       filepath.Join(dir, "agvm"),
		Library:  filepath.Join(dir, "libagd.so"),
		AB:       filepath.Join(dir, "agd-ab"),
		Localnet: filepath.Join(dir, "agd-localnet"),
		Devnet:   filepath.Join(dir, "agd-devnet"),
		About:    filepath.Join(dir, "agvm-about"),
		Jail:     filepath.Join(dir, "agd-vm-jail"),

		EarlySignals: filepath.Join(dir, "libagd-signals.so"),
	}, nil
}

// VMCommand returns the command line that starts the VM with args. An
// executable is started directly, a Node.js script by node with nodeArgs. A
// relative entry is relative to the working directory; PATH is not searched.
// Its errors are one line for the user.
func VMCommand(entry string, nodeArgs, args []string) ([]string, error) {
	entry, err := filepath.Abs(entry)
	if err != nil {
		return nil, fmt.Errorf("VM: %w", err)
	}
	info, err := os.Stat(entry)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("no VM at %s: run `make build`, or name another with --split-vm", entry)
	case err != nil:
		return nil, fmt.Errorf("VM: %w", err)
	case info.IsDir():
		return nil, fmt.Errorf("VM: %s is a directory; name its entry point", entry)
	}
	script := false
	switch strings.ToLower(filepath.Ext(entry)) {
	case ".js", ".mjs", ".cjs":
		script = true
	}
	if !script && !isNodeScript(entry) {
		if info.Mode()&0o111 == 0 {
			return nil, fmt.Errorf("VM: %s is neither executable nor a .js file", entry)
		}
		if len(nodeArgs) > 0 {
			return nil, fmt.Errorf("VM: %s is not a script that node runs, so it cannot have node's option %s: name the .js file itself, or let the executable pass it on", entry, nodeArgs[0])
		}
		return append([]string{entry}, args...), nil
	}
	node, err := nodejs.Find(entry)
	if err != nil {
		return nil, err
	}
	return slices.Concat([]string{node}, nodeArgs, []string{entry}, args), nil
}

// isNodeScript reports whether the file starts with a #! line that runs node.
// Such a file is started by node directly, so that the VM's process is our
// child instead of env's, and a missing node is our error.
func isNodeScript(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, 64)
	n, _ := file.Read(head)
	line, _, _ := strings.Cut(string(head[:n]), "\n")
	return strings.HasPrefix(line, "#!") && strings.HasSuffix(strings.TrimSpace(line), "node")
}
