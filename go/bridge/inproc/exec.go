package inproc

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/agd-bridge/agd-bridge/go/bridge/internal/variables"
)

// Variable is the environment variable with the path of the library that
// openBridge of packages/bridge-open loads.
const Variable = variables.Library

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
	// Before Chdir, because Environ resolves a relative directory. What this
	// process inherited from a bridge of its own is not for the library's.
	env := slices.DeleteFunc(node.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains([]string{variables.Read, variables.Write, variables.Memory, Variable}, name)
	})
	env = append(env, Variable+"="+library)
	if err == nil && node.Dir != "" {
		err = os.Chdir(node.Dir)
	}
	if err != nil {
		return fmt.Errorf("cannot start %s with a library: %w", filepath.Base(node.Path), err)
	}
	return fmt.Errorf("cannot start %s: %w", node.Path, syscall.Exec(node.Path, node.Args, env))
}
