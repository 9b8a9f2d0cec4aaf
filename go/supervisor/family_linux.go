package supervisor

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// CheckSystem returns the reason why no node can run on this system. Linux has
// what a node needs.
func CheckSystem() error { return nil }

// dieWithParent makes a process die with the thread that starts it, by the
// parent-death signal of Linux.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

func kill(pid int, signal syscall.Signal) { _ = syscall.Kill(pid, signal) }

// becomeReaper makes this process the parent of every descendant that loses its
// own parent, so that none outlives it unseen or stays a zombie on a machine
// whose init does not reap. Linux: PR_SET_CHILD_SUBREAPER, see prctl(2).
func becomeReaper() error {
	return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
}

// reapLimit bounds how long endOrphans waits for killed processes.
const reapLimit = 2 * time.Second

// mark distinguishes the processes of this program from inherited ones:
// children that this process had before it became agd by exec, and their
// descendants. Every process started from now on has this process's id as its
// limit on file locks (RLIMIT_LOCKS, see setrlimit(2)). Linux has not enforced
// that limit since 2.4.25, every child inherits it, and every process may read
// it. The id is unique, so no other agd has the same mark.
func mark() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_LOCKS, &limit); err != nil {
		return os.NewSyscallError("getrlimit", err)
	}
	limit.Cur = uint64(os.Getpid())
	return os.NewSyscallError("setrlimit", unix.Setrlimit(unix.RLIMIT_LOCKS, &limit))
}

// isMarked reports whether a process belongs to this program.
func isMarked(pid int) bool {
	var limit unix.Rlimit
	err := unix.Prlimit(pid, unix.RLIMIT_LOCKS, nil, &limit)
	return err == nil && limit.Cur == uint64(os.Getpid())
}

// hasStrangers reports whether this process has children that it did not start.
func hasStrangers() bool {
	return slices.ContainsFunc(children(os.Getpid()), func(pid int) bool { return !isMarked(pid) })
}

// ours returns the children that this program has started, and orphaned
// descendants of them. Without strangers at the start these are all children,
// so that no process escapes by changing its own limit.
func ours(withStrangers bool) []int {
	all := children(os.Getpid())
	if !withStrangers {
		return all
	}
	return slices.DeleteFunc(all, func(pid int) bool { return !isMarked(pid) })
}

// endOrphans kills and reaps every child of this program, and the orphans that
// come to it when their parents exit. It must be called when only such orphans
// are left, after the VM itself was reaped.
func endOrphans(withStrangers bool) {
	for limit := time.Now().Add(reapLimit); time.Now().Before(limit); {
		orphans := ours(withStrangers)
		if len(orphans) == 0 {
			return
		}
		for _, pid := range orphans {
			kill(pid, syscall.SIGKILL)
			reap(pid, limit)
		}
	}
}

// reapPause is the period of reapStrangers.
const reapPause = 10 * time.Second

// reapStrangers reaps, until done, the children that this program has not
// started. The orphans among them would otherwise have gone to the machine's
// init, which reaps at once.
func reapStrangers(done <-chan struct{}) {
	tick := time.NewTicker(reapPause)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		for _, pid := range children(os.Getpid()) {
			if !isMarked(pid) {
				_, _ = syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
			}
		}
	}
}

// reap waits for a killed child.
func reap(pid int, limit time.Time) {
	for time.Now().Before(limit) {
		got, err := syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
		if got == pid || (err != nil && err != syscall.EINTR) {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// children returns the child processes of a process.
func children(parent int) []int {
	var found []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, stat := range stats {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
		if err == nil && parentOf(pid) == parent {
			found = append(found, pid)
		}
	}
	return found
}

// parentOf returns the parent of a process, 0 if there is no such process.
func parentOf(pid int) int {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0
	}
	// pid (command) state ppid …; the command may hold spaces and parentheses.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 2 {
		return 0
	}
	parent, _ := strconv.Atoi(fields[1])
	return parent
}

// isBelow reports whether a process descends from another.
func isBelow(pid, ancestor int) bool {
	for pid > 1 {
		pid = parentOf(pid)
		if pid == ancestor {
			return true
		}
	}
	return false
}

// awaitExit returns a channel that is closed when the process has exited. It
// need not be a child.
func awaitExit(pid int) (<-chan struct{}, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return nil, os.NewSyscallError("pidfd_open", err)
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		defer unix.Close(fd)
		for {
			_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
			if err != unix.EINTR {
				return
			}
		}
	}()
	return exited, nil
}
