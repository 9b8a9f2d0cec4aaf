// Package nodejs finds the Node.js program that runs the VM.
package nodejs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/internal/visible"
)

// AskLimit bounds a question to node.
const AskLimit = 30 * time.Second

// Own is the Node.js of an installation that has one, relative to the directory
// with its package.json.
const Own = "node/bin/node"

// Find returns the path of the Node.js program that runs a script: that of the
// script's installation, if it has one, else the one that `node` in PATH runs. A
// version manager (asdf, nodenv, volta) has a script or a program of its own
// there; that one is asked, in this process's environment and working
// directory, because the choice may depend on both. The caller then starts
// Node.js itself: the VM's jail admits no shell. entry is the script: its
// installation names the versions, and another is refused.
func Find(entry string) (string, error) {
	node, err := Locate(entry)
	if err != nil {
		return "", err
	}
	_, wanted := installation(entry)
	return node, checkVersion(node, wanted)
}

// Locate is [Find] of any version.
func Locate(entry string) (string, error) {
	dir, wanted := installation(entry)
	if own := filepath.Join(dir, Own); dir != "" && isNodeProgram(own) {
		return own, nil
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf("node is not in PATH: install %s", inWords(wanted))
	}
	if isNodeProgram(node) {
		return node, nil
	}
	return askNode(node)
}

// checkVersion refuses a node that the range of its script does not admit, in
// agvm's own words (packages/agvm/bin/node-version.js), before anything starts.
func checkVersion(node, wanted string) error {
	if !ourForm.MatchString(wanted) {
		return nil // Another VM's, with a range that only npm can read.
	}
	ctx, cancel := context.WithTimeout(context.Background(), AskLimit)
	defer cancel()
	out, err := exec.CommandContext(ctx, node, "--version").Output()
	if err != nil {
		return fmt.Errorf("%q --version: %w", node, err)
	}
	version := strings.TrimSpace(string(out))
	var major, minor int
	if _, err := fmt.Sscanf(version, "v%d.%d.", &major, &minor); err != nil {
		return fmt.Errorf("%q --version: expected a version of Node.js, got %q", node, version)
	}
	for _, part := range parts(wanted) {
		if major == part.major && minor >= part.minor {
			return nil
		}
	}
	return fmt.Errorf("cannot run on Node.js %s (%q): needs %s: put that version first in PATH", version, node, inWords(wanted))
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
	ctx, cancel := context.WithTimeout(context.Background(), AskLimit)
	defer cancel()
	var said bytes.Buffer
	probe := exec.CommandContext(ctx, shim, "-p", "process.execPath")
	probe.Env, probe.Stderr = environ.With(os.Environ(), "NODE_OPTIONS", ""), &said
	// A script's children may hold its outputs after its end.
	probe.WaitDelay = AskLimit
	out, err := probe.Output()
	if err != nil {
		why := strings.Join(strings.Fields(said.String()), " ")
		if why == "" {
			why = err.Error()
		}
		return "", fmt.Errorf("%q runs no Node.js: %s: choose a version, or put one first in PATH", shim, visible.Text(why))
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	node := lines[len(lines)-1]
	if !filepath.IsAbs(node) || !isELF(node) {
		return "", fmt.Errorf("%q runs no Node.js: its process.execPath is %q: put Node.js first in PATH", shim, node)
	}
	return node, nil
}

// installation is the directory of the first package.json above an entry point
// that has `engines`, and their range; "" if none has. For agvm that is the
// installation's, the one place that names the versions of Node.js.
func installation(entry string) (dir, wanted string) {
	real, err := filepath.EvalSymlinks(entry)
	if err != nil {
		return "", ""
	}
	for dir := filepath.Dir(real); ; dir = filepath.Dir(dir) {
		var described struct {
			Engines struct{ Node string }
		}
		text, err := os.ReadFile(filepath.Join(dir, "package.json"))
		if err == nil && json.Unmarshal(text, &described) == nil && described.Engines.Node != "" {
			return dir, described.Engines.Node
		}
		if dir == filepath.Dir(dir) {
			return "", ""
		}
	}
}

// ourForm is the form of the range in our own package.json: a minor version of
// one major version or of several, and later ones of it.
var ourForm = regexp.MustCompile(`^\^\d+\.\d+\.\d+( \|\| \^\d+\.\d+\.\d+)*$`)

type nodePart struct{ major, minor int }

// parts are the parts of a range of ourForm.
func parts(wanted string) []nodePart {
	var found []nodePart
	for text := range strings.SplitSeq(wanted, " || ") {
		var part nodePart
		_, _ = fmt.Sscanf(text, "^%d.%d.", &part.major, &part.minor)
		found = append(found, part)
	}
	return found
}

// inWords names a range, such as "Node.js 20 (at least 20.11)".
func inWords(wanted string) string {
	if !ourForm.MatchString(wanted) {
		return strings.TrimSpace("Node.js " + wanted)
	}
	var each []string
	for _, part := range parts(wanted) {
		each = append(each, fmt.Sprintf("%d (at least %d.%d)", part.major, part.major, part.minor))
	}
	last := len(each) - 1
	if last == 0 {
		return "Node.js " + each[0]
	}
	return "Node.js " + strings.Join(each[:last], ", ") + " or " + each[last]
}
