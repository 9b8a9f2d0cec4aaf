package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// takeOutput takes standard output for agd alone. What JavaScript prints there,
// such as the kernel's log, goes to standard error from now on.
func takeOutput() (*os.File, error) {
	const stdout, stderr = 1, 2
	own, err := unix.FcntlInt(stdout, unix.F_DUPFD_CLOEXEC, stderr+1)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(own), os.Stdout.Name()), os.NewSyscallError("dup3", unix.Dup3(stderr, stdout, 0))
}
