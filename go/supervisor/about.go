package supervisor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/agd-bridge/agd-bridge/go/internal/nodejs"
	"github.com/agd-bridge/agd-bridge/go/internal/visible"
)

// About describes the installed VM, as its own program reports
// (packages/agvm/bin/agvm-about).
type About struct {
	// Node is the version of Node.js, ABI the one of its addons' interface, and
	// Path its program.
	Node string `json:"node"`
	ABI  string `json:"abi"`
	Path string `json:"path"`
	// Refusal says in one line why agvm does not run on it; "" if it does.
	Refusal string `json:"refusal"`
	// Bundle reports whether the VM's bundle is built.
	Bundle bool `json:"bundle"`
	// Kernel says in one line why the kernel cannot run; "" if it can.
	Kernel string `json:"kernel"`
	Addons []struct {
		Name string `json:"name"`
		// Error says in one line why it cannot be loaded; "" if it can.
		Error string `json:"error"`
	} `json:"addons"`
	// Packages are the versions of the kernel's npm packages.
	Packages map[string]string `json:"packages"`
	// Store is the state of the kernel's store, if it was asked for.
	Store struct {
		Exists bool `json:"exists"`
		// Height is that of the last committed block; 0: none.
		Height int64  `json:"height"`
		Error  string `json:"error"`
	} `json:"store"`
}

// aboutLimit bounds the description.
const aboutLimit = 30 * time.Second

// AskAbout runs the program that describes the VM. With a store, the directory
// of a kernel's store, it also reads its height. The error is one line.
func AskAbout(ctx context.Context, files Files, store string) (About, error) {
	var about About
	if _, err := os.Stat(files.About); err != nil {
		return about, fmt.Errorf("no program at %q: run `make build`", files.About)
	}
	var args []string
	if store != "" {
		args = append(args, store)
	}
	// It runs on any version, and says whether agvm does.
	node, err := nodejs.Locate(files.About)
	if err != nil {
		return about, err
	}
	ctx, cancel := context.WithTimeout(ctx, aboutLimit)
	defer cancel()
	var said bytes.Buffer
	asked := exec.CommandContext(ctx, node, append([]string{files.About}, args...)...)
	asked.Stderr = &said
	answer, err := asked.Output()
	if err == nil {
		err = json.Unmarshal(answer, &about)
	}
	if err != nil {
		return about, fmt.Errorf("%q: %w: %s", files.About, err, lastLine(said.String()))
	}
	return about, nil
}

// lastLine is the line of a failed Node.js program that says why: the last one
// that begins with the name of an error, or the last one.
func lastLine(text string) string {
	last := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, _, found := strings.Cut(line, ":")
		switch {
		case found && strings.HasSuffix(name, "Error"):
			return visible.Text(line)
		case line != "":
			last = line
		}
	}
	return visible.Text(last)
}
