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

// Exec replaces this process by a Node.js program that loads a library: the
// same process, in which the library then runs its program. It returns only an error. Of the
// command it uses the path, the arguments, the environment and the directory;
// the library's path is relative to this process's directory.
func Exec(node *exec.Cmd, library string) error {
	if node.Err != nil {
		return node.Err
	}
	library, err := filepath.Abs(library)
	if err == nil {
		_, err = os.Stat(library) // a clear error here, instead of one in JavaScript
	}
	if err == nil && node.Dir != "" {
		err = os.Chdir(node.Dir)
	}
	if err != nil {
		return fmt.Errorf("cannot start %s with a library: %w", filepath.Base(node.Path), err)
	}
	env := append(node.Environ(), Variable+"="+library)
	return fmt.Errorf("cannot start %s: %w", node.Path, syscall.Exec(node.Path, node.Args, env))
}
