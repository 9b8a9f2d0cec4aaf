package swingstore

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// fault returns the error for a VM's violation, which ends the node.
func fault(format string, args ...any) error {
	return &bridge.ProtocolError{Message: "from agvm: " + vm.MethodSwingStoreExport + ": " + fmt.Sprintf(format, args...)}
}

// maxNamed is the maximum number of bytes of a VM's name that an error repeats.
const maxNamed = 200

// named returns a name from the VM for an error: quoted and shortened.
func named(name string) string { return fmt.Sprintf("%q", name[:min(len(name), maxNamed)]) }

// childOf returns the path of a child of temp, the directory of the VM's files,
// from the VM's response. agd must not touch any other path that the VM names.
// temp itself belongs to agd: the VM can neither move nor replace it. The VM
// may use the real path of temp. The error is a *bridge.ProtocolError.
func childOf(temp, answer string) (string, error) {
	dir, name := filepath.Split(answer)
	if isName(name) && filepath.IsAbs(answer) && filepath.Clean(answer) == answer {
		dir = filepath.Clean(dir)
		real, err := filepath.EvalSymlinks(temp)
		if dir == filepath.Clean(temp) || err == nil && dir == real {
			return filepath.Join(temp, name), nil
		}
	}
	return "", fault("expected a directory in %q, got %s", temp, named(answer))
}

// isName reports whether a name is that of a directory entry and cannot lead
// out of the directory.
func isName(name string) bool {
	return name != "" && name != "." && name != ".." && filepath.Base(name) == name
}

// blame turns an error of a system call into the VM's fault if it is about the
// file at a path and not about this machine.
func blame(err error, format string, args ...any) error {
	for _, theirs := range []error{syscall.ENOENT, syscall.ENOTDIR, syscall.ELOOP, syscall.EISDIR, syscall.ENXIO, syscall.EACCES, syscall.EPERM, syscall.ENAMETOOLONG, syscall.ENODEV, syscall.EINVAL} {
		if errors.Is(err, theirs) {
			return fault("%s: %v", fmt.Sprintf(format, args...), err)
		}
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}
