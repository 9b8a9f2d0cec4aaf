//go:build unix

// Package filelock locks directories and files for this process alone.
package filelock

import (
	"os"
	"syscall"
)

// ErrHeld is the error of a file that another process has locked.
var ErrHeld error = syscall.EWOULDBLOCK

// Try locks a file or directory until it is closed or the process ends. It does
// not wait.
func Try(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
