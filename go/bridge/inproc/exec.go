package inproc

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// Variable is the environment variable with the path of the library that
// openBridge of packages/bridge-open loads.
const Variable = "BRIDGE_LIBRARY"

// Exec replaces this process by a Node.js program that loads a library. The
// library then runs its program in this same process. Exec returns only if that
// fails. Of the command it uses the path, the arguments, the environment and the
// directory. The library's path is relative to this process's directory.
func Exec(node *exec.Cmd, library string) error {
	if node.Err != nil {
		return node.Err
	}
	library, err := filepath.Abs(library)
	if err == nil {
		_, err = os.Stat(library) // a clear error here, instead of one in JavaScript
	}
	// Before Chdir, because Environ resolves a relative directory. The outer
	// Environ drops a value of the variable that this process inherited, which
	// Node.js would read instead.
	env := (&exec.Cmd{Env: append(node.Environ(), Variable+"="+library)}).Environ()
	if err == nil && node.Dir != "" {
		err = os.Chdir(node.Dir)
	}
	if err != nil {
		return fmt.Errorf("cannot start %s with a library: %w", filepath.Base(node.Path), err)
	}
	return fmt.Errorf("cannot start %s: %w", node.Path, syscall.Exec(node.Path, node.Args, env))
}
