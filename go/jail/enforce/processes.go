//go:build linux

package enforce

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// boundProcesses lets this process's user have at most more additional
// processes and threads (RLIMIT_NPROC), in this process and its descendants; 0:
// no limit. Linux counts a user's processes in all containers, which may be
// more than /proc shows here. If half of the bound does not suffice for another
// process, no bound is set. Nor is one set for root, which Linux does not bind.
func boundProcesses(more uint64) error {
	if more == 0 || os.Getuid() == 0 {
		return nil
	}
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NPROC, &before); err != nil {
		return err
	}
	now, err := threadsOf(os.Getuid())
	if err != nil {
		return err
	}
	half := unix.Rlimit{Cur: min(now+more/2, before.Cur), Max: before.Max}
	if err := unix.Setrlimit(unix.RLIMIT_NPROC, &half); err != nil {
		return err
	}
	if err := canFork(); errors.Is(err, unix.EAGAIN) {
		return unix.Setrlimit(unix.RLIMIT_NPROC, &before)
	} else if err != nil {
		return err
	}
	bound := min(now+more, before.Cur)
	return unix.Setrlimit(unix.RLIMIT_NPROC, &unix.Rlimit{Cur: bound, Max: bound})
}

// canFork returns an error if this process cannot fork.
func canFork() error {
	// The child has one thread and exits at once, without the Go runtime.
	pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	switch {
	case errno != 0:
		return errno
	case pid == 0:
		for {
			_, _, _ = unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
		}
	}
	for {
		if _, err := unix.Wait4(int(pid), nil, 0, nil); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// threadsOf returns how many threads a user has, as far as /proc shows them.
func threadsOf(user int) (uint64, error) {
	paths, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		return 0, err
	}
	var sum uint64
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // It has ended.
		}
		owner, known := field(text, "Uid")
		threads, counted := field(text, "Threads")
		if known && counted && owner == uint64(user) {
			sum += threads
		}
	}
	return sum, nil
}

// field returns the first number of a line of /proc/PID/status.
func field(text []byte, name string) (uint64, bool) {
	_, after, found := bytes.Cut(text, []byte("\n"+name+":\t"))
	if !found {
		return 0, false
	}
	digits := bytes.IndexFunc(after, func(r rune) bool { return r < '0' || r > '9' })
	number, err := strconv.ParseUint(string(after[:max(digits, 0)]), 10, 64)
	return number, err == nil
}
