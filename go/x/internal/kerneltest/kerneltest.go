// Package kerneltest runs the real kernel's JavaScript in Go tests.
package kerneltest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Run runs an ECMAScript module that can import the kernel's packages, with
// stdin as its standard input, and returns its standard output. It skips the
// test if npm's packages are not installed, because the Go side is also
// developed without them.
func Run(t *testing.T, script, stdin string) string {
	t.Helper()
	root, err := os.Getwd() // the tested package's directory
	if err != nil {
		t.Fatal(err)
	}
	for !hasKernel(root) {
		parent := filepath.Dir(root)
		if parent == root {
			t.Skip("the kernel's packages are not installed: run npm ci")
		}
		root = parent
	}
	node := exec.CommandContext(t.Context(), "node", "--input-type=module", "-e",
		"import '@endo/init/legacy.js';\n"+script)
	node.Dir = root
	node.Stdin = strings.NewReader(stdin)
	var stderr strings.Builder
	node.Stderr = &stderr
	stdout, err := node.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, stderr.String())
	}
	return strings.TrimSpace(string(stdout))
}

func hasKernel(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "node_modules", "@agoric", "cosmic-swingset"))
	return err == nil
}
