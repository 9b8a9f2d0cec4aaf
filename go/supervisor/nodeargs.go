package supervisor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// probeLimit is how long node may take to look at its options.
const probeLimit = 30 * time.Second

// notForVM are the options with which node does something else than to run its
// entry point.
var notForVM = []string{
	"--build-snapshot", "--check", "--completion-bash", "--eval", "--help", "--interactive",
	"--print", "--prof-process", "--run", "--test", "--v8-options", "--version", "--watch",
}

// CheckNodeArgs refuses what cannot stand between node and its entry point,
// and what this node does not know: node is asked, in the environment that it
// will have. It runs nothing of the user's. The error is one line, node's own
// words where they are.
func CheckNodeArgs(nodeArgs, env []string) error {
	if len(nodeArgs) == 0 {
		return nil
	}
	for _, arg := range nodeArgs {
		name, _, _ := strings.Cut(arg, "=")
		switch {
		case !strings.HasPrefix(arg, "--") || arg == "--":
			return fmt.Errorf("expected long options of node, each with its value behind a =, such as --require=./file.cjs: got %q", arg)
		case slices.Contains(notForVM, name):
			return fmt.Errorf("with %s node would not run the VM", name)
		}
	}
	node, err := findNode()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeLimit)
	defer cancel()
	var said bytes.Buffer
	// node reads all of its options first; then this last one ends it.
	probe := exec.CommandContext(ctx, node, append(slices.Clone(nodeArgs), "--version")...)
	probe.Env, probe.Stderr = env, &said
	err = probe.Run()
	if err == nil {
		return nil
	}
	for line := range strings.Lines(said.String()) {
		// It begins with node's own path.
		if line = strings.TrimSpace(strings.TrimPrefix(line, node+": ")); line != "" {
			return fmt.Errorf("node: %s", line)
		}
	}
	return fmt.Errorf("node: %w", err)
}

func findNode() (string, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return "", errors.New("node is not in PATH: install Node.js 20")
	}
	return node, nil
}
