package top

import (
	"path"
	"regexp"
	"strings"
)

// vatOf matches the argument of a worker: the id of its vat, and its name.
var vatOf = regexp.MustCompile(`^v\d+:`)

// nameOf names a process of a node by its arguments, as docs/monitoring.md
// describes them. root is agd's own process, which is the kernel's as well if
// the node runs in-process.
func nameOf(args []string, root bool) string {
	if len(args) == 0 {
		return "(ended)"
	}
	program := path.Base(args[0])
	entry := ""
	for _, arg := range args[1:] {
		if !strings.HasPrefix(arg, "-") {
			entry = arg
			break
		}
	}
	kernel := program == "node" && path.Base(entry) == "agvm"
	switch {
	case kernel && root:
		return "agd with the kernel"
	case root:
		return "agd"
	case kernel:
		return "kernel"
	case strings.HasPrefix(program, "xs") && len(args) > 1 && vatOf.MatchString(args[1]):
		return "worker " + args[1]
	}
	return program
}
