package supervisor

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/agd-bridge/agd-bridge/go/internal/nodejs"
)

// notForVM are the options with which node does not run its entry point.
var notForVM = []string{
	"--build-snapshot", "--check", "--completion-bash", "--eval", "--help", "--interactive",
	"--print", "--prof-process", "--run", "--test", "--v8-options", "--version", "--watch",
}

// CheckNodeArgs refuses arguments that cannot stand between node and its entry
// point, and options that this node does not support. It asks node, in the
// environment that node will have, and runs no code of the user's. The error is
// one line, in node's own words if there are any.
func CheckNodeArgs(entry string, nodeArgs, env []string) error {
	if len(nodeArgs) == 0 {
		return nil
	}
	for _, arg := range nodeArgs {
		name, _, _ := strings.Cut(arg, "=")
		switch {
		case !strings.HasPrefix(arg, "--") || arg == "--":
			return fmt.Errorf("expected long options of node, each with its value after =, such as --require=./file.cjs: got %q", arg)
		case slices.Contains(notForVM, name):
			return fmt.Errorf("node does not run the VM with %s", name)
		}
	}
	node, err := nodejs.Find(entry)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), nodejs.AskLimit)
	defer cancel()
	var said bytes.Buffer
	// node parses all options first; then this last one makes it exit.
	probe := exec.CommandContext(ctx, node, append(slices.Clone(nodeArgs), "--version")...)
	probe.Env, probe.Stderr = env, &said
	err = probe.Run()
	if err == nil {
		return nil
	}
	for line := range strings.Lines(said.String()) {
		// The line begins with node's own path.
		if line = strings.TrimSpace(strings.TrimPrefix(line, node+": ")); line != "" {
			return fmt.Errorf("node: %s", line)
		}
	}
	return fmt.Errorf("node: %w", err)
}
