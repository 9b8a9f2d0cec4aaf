package doctor

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// Node judges the Node.js that agd finds. err says why the VM's program could
// not describe it.
func Node(about supervisor.About, err error) Finding {
	const name = "node"
	if err != nil {
		return finding(Machine, name, err.Error()).but(Fail, "put the Node.js that README.md names first in PATH")
	}
	if about.Refusal != "" {
		refused := splitError(name, errors.New(about.Refusal))
		refused.Group = Machine
		return refused
	}
	return finding(Machine, name, fmt.Sprintf("%s at %s", about.Node, about.Path))
}

// Files checks that the files of the installation are there.
func Files(files supervisor.Files) Finding {
	var missing []string
	verdict := OK
	type part struct {
		path    string
		without Verdict
	}
	parts := []part{
		{files.VM, Fail}, {files.Jail, Warn}, {files.EarlySignals, Warn},
		{files.About, Warn}, {files.Devnet, Warn}, {files.Localnet, Warn}, {files.AB, Warn},
	}
	if files.Library != "" { // This agd has the in-process mode.
		parts = append(parts, part{files.Library, Fail})
	}
	for _, part := range parts {
		if _, err := os.Stat(part.path); err != nil {
			missing = append(missing, filepath.Base(part.path))
			verdict = worse(verdict, part.without)
		}
	}
	dir := filepath.Dir(files.Binary)
	if len(missing) == 0 {
		return finding(Installation, "files", "complete in "+dir)
	}
	return finding(Installation, "files", fmt.Sprintf("no %s in %s", strings.Join(missing, ", "), dir)).
		but(verdict, "run `make build`, or install agd again")
}

// VM judges what the VM's program says of its own parts: its bundle, the
// kernel, and the addons. On another version of Node.js it says nothing of them.
func VM(about supervisor.About) []Finding {
	if about.Refusal != "" {
		return nil
	}
	bundle := finding(Installation, "bundle", "built")
	if !about.Bundle {
		bundle = finding(Installation, "bundle", "not built").but(Fail, "run `make build`: agvm is a bundle")
	}
	var packages []string
	for _, name := range slices.Sorted(maps.Keys(about.Packages)) {
		packages = append(packages, strings.TrimPrefix(name, "@agoric/")+" "+about.Packages[name])
	}
	kernel := finding(Installation, "kernel", strings.Join(packages, ", "))
	if about.Kernel != "" {
		found, do, has := strings.Cut(about.Kernel, "; ")
		if !has {
			do = "run `make build`, or install agd again"
		}
		kernel = finding(Installation, "kernel", found).but(Fail, do)
	}
	return append([]Finding{bundle, kernel}, addons(about)...)
}

func addons(about supervisor.About) []Finding {
	var findings []Finding
	for _, addon := range about.Addons {
		if addon.Error == "" {
			findings = append(findings, finding(Installation, addon.Name, fmt.Sprintf("built for this Node.js (ABI %s)", about.ABI)))
			continue
		}
		verdict, do := Fail, "run `make build` with this Node.js"
		switch {
		case strings.Contains(addon.Error, "NODE_MODULE_VERSION"):
			do = fmt.Sprintf("use the Node.js that it was built for, or build again: rm -rf node_modules && make build (this one has ABI %s)", about.ABI)
		case addon.Name == "addon split":
			verdict, do = Warn, do+": without it agd start --split uses pipes, which are slower"
		}
		findings = append(findings, finding(Installation, addon.Name, addon.Error).but(verdict, do))
	}
	return findings
}
