//go:build !unix

package filelock

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

// ErrHeld is the error of a file that another process has locked.
var ErrHeld = errors.New("another process holds the lock")

// Try returns an error: these systems have no locks of directories.
func Try(*os.File) error {
	return fmt.Errorf("a lock of a directory needs Linux or macOS: this is %s", runtime.GOOS)
}
