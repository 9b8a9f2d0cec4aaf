package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// vmTemp is the directory of the kernel's temporary files: an export for a
// snapshot is as large as the kernel's store, and should lie where that does,
// and go when its node has gone, however it went. Empty: the operator has
// named another.
type vmTemp string

// newVMTemp makes the directory below a home and names it in the environment
// of the VM, unless TMPDIR is there already.
func newVMTemp(env []string, home string) ([]string, vmTemp, error) {
	dir, err := filepath.Abs(filepath.Join(home, "data", "vm-tmp"))
	if err != nil {
		return env, "", err
	}
	for _, entry := range env {
		// In-process, this process has it from the agd that it was before.
		if named, found := strings.CutPrefix(entry, "TMPDIR="); found && named != "" && named != dir {
			return env, "", nil
		}
	}
	return withEnv(env, "TMPDIR", dir), vmTemp(dir), os.MkdirAll(dir, 0o755)
}

// empty removes what a node that was killed left there. The caller has the
// lock on the home's data.
func (t vmTemp) empty() error {
	if t == "" {
		return nil
	}
	return errors.Join(os.RemoveAll(string(t)), os.Mkdir(string(t), 0o755))
}

// remove removes it, once the VM writes nothing there any more.
func (t vmTemp) remove() {
	if t != "" {
		_ = os.RemoveAll(string(t))
	}
}
