package supervisor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agd-bridge/agd-bridge/go/internal/environ"
)

// findNode returns the path of the Node.js program that `node` in PATH runs. A
// version manager (asdf, nodenv, volta) has a script or a program of its own
// there; that one is asked, in this process's environment and working
// directory, because the choice may depend on both. agd then starts Node.js
// itself: the VM's jail admits no shell. entry, the script to run or "", names
// the version to install if there is no node.
func findNode(entry string) (string, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf("node is not in PATH: install %s", wantedNode(entry))
	}
	if isNodeProgram(node) {
		return node, nil
	}
	return askNode(node)
}

// isNodeProgram reports whether a file is an executable, no script, whose real
// name is Node.js's own.
func isNodeProgram(path string) bool {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	return slices.Contains([]string{"node", "nodejs"}, filepath.Base(real)) && isELF(real)
}

func isELF(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, 4)
	_, err = io.ReadFull(file, head)
	return err == nil && string(head) == "\x7fELF"
}

// askNode returns the program that a version manager's `node` becomes.
func askNode(shim string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), probeLimit)
	defer cancel()
	var said bytes.Buffer
	probe := exec.CommandContext(ctx, shim, "-p", "process.execPath")
	probe.Env, probe.Stderr = environ.With(os.Environ(), "NODE_OPTIONS", ""), &said
	// A script's children may hold its outputs after its end.
	probe.WaitDelay = probeLimit
	out, err := probe.Output()
	if err != nil {
		why := strings.Join(strings.Fields(said.String()), " ")
		if why == "" {
			why = err.Error()
		}
		return "", fmt.Errorf("%q runs no Node.js: %s: choose a version, or put one first in PATH", shim, Visible(why))
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	node := lines[len(lines)-1]
	if !filepath.IsAbs(node) || !isELF(node) {
		return "", fmt.Errorf("%q runs no Node.js: its process.execPath is %q: put Node.js first in PATH", shim, node)
	}
	return node, nil
}

// wantedNode names the versions that run entry, by `engines` of the first
// package.json above it that has them, such as "Node.js 20".
func wantedNode(entry string) string {
	const name = "Node.js"
	real, err := filepath.EvalSymlinks(entry)
	if err != nil {
		return name
	}
	for dir := filepath.Dir(real); ; dir = filepath.Dir(dir) {
		var described struct {
			Engines struct{ Node string }
		}
		text, err := os.ReadFile(filepath.Join(dir, "package.json"))
		if err == nil && json.Unmarshal(text, &described) == nil && described.Engines.Node != "" {
			return name + " " + majors(described.Engines.Node)
		}
		if dir == filepath.Dir(dir) || !filepath.IsAbs(dir) {
			return name
		}
	}
}

// majors lists the major versions of a range such as "^20.11.0 || ^22.11.0".
func majors(nodeRange string) string {
	var found []string
	for part := range strings.SplitSeq(nodeRange, "||") {
		major, _, _ := strings.Cut(strings.TrimLeft(strings.TrimSpace(part), "^"), ".")
		found = append(found, major)
	}
	return strings.Join(found, " or ")
}
