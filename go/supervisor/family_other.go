//go:build !linux

package supervisor

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
)

// CheckSystem returns an error: a node needs the parts of Linux that end the VM
// and its workers with agd, and those that confine the VM.
func CheckSystem() error {
	return fmt.Errorf("a node needs Linux: %s has no parent-death signal, no reaper of orphans and no jail for the VM: agd is a client here (keys, tx, query)", runtime.GOOS)
}

func becomeReaper() error { return CheckSystem() }

func dieWithParent(*exec.Cmd) {}

func mark() error { return CheckSystem() }

func hasStrangers() bool { return false }

func endOrphans(bool) {}

func reapStrangers(<-chan struct{}) {}

func kill(int, syscall.Signal) {}

func isBelow(int, int) bool { return false }

func awaitExit(int) (<-chan struct{}, error) { return nil, errors.ErrUnsupported }
