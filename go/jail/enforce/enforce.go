//go:build linux

// Package enforce confines the calling process to a jail. It is for a small
// program that becomes another one afterwards, because nothing here can be
// undone. Linux only.
package enforce

import (
	"errors"
	"fmt"
	"os"

	"github.com/elastic/go-seccomp-bpf"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"

	"github.com/agd-bridge/agd-bridge/go/jail"
)

// Probe returns what this machine, or container, supports.
func Probe() jail.Support {
	version, err := ll.LandlockGetABIVersion()
	if err != nil {
		version = 0
	}
	return jail.Support{Landlock: version, Seccomp: seccomp.Supported()}
}

// enter confines this process and all its descendants, permanently, as far as
// the machine supports it: see jail.Support. It also drops privileges: root's,
// and those that a set-user-ID program would get. A worker may execute only the
// program whose name is at the address.
func enter(p jail.Policy, program uintptr) error {
	support := Probe()
	raiseFiles()
	if err := boundProcesses(p.MaxProcesses); err != nil {
		return fmt.Errorf("processes: %w", err)
	}
	if err := dropPrivileges(); err != nil {
		return fmt.Errorf("privileges: %w", err)
	}
	if support.Landlock > 0 {
		if err := confine(p); err != nil {
			return fmt.Errorf("files: %w", err)
		}
	}
	if support.Seccomp {
		if err := filter(p, program); err != nil {
			return fmt.Errorf("system calls: %w", err)
		}
	}
	return nil
}

// raiseFiles raises the number of open files to the hard limit, as Node.js does
// when it starts; in the jail Node.js could not.
func raiseFiles() {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) == nil {
		limit.Cur = limit.Max
		_ = unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
	}
}

// lastCapability bounds the loop below; the Linux kernel reports the actual
// end.
const lastCapability = 63

// dropPrivileges drops every capability, including those that root would get by
// executing a program.
func dropPrivileges() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	for capability := range uintptr(lastCapability + 1) {
		err := unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0)
		if errors.Is(err, unix.EINVAL) {
			break // that was the last
		}
		if errors.Is(err, unix.EPERM) {
			break // it has no capabilities to drop, or may not: capset decides
		}
		if err != nil {
			return err
		}
	}
	_ = unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var has, none [2]unix.CapUserData
	if err := unix.Capget(&header, &has[0]); err != nil || has == none {
		return err // in the jail it has none, and may not set any
	}
	return unix.Capset(&header, &none[0])
}

// CloseOthers makes the next program inherit only the descriptors 0 to 2 and
// kept.
func CloseOthers(kept []uint) error {
	next := uint(3)
	for _, fd := range append(kept, ^uint(0)) {
		if fd > next {
			last := fd - 1
			if fd == ^uint(0) {
				last = ^uint(0)
			}
			if err := closeRange(next, last); err != nil {
				return err
			}
		}
		next = fd + 1
	}
	return nil
}

func closeRange(first, last uint) error {
	err := unix.CloseRange(first, min(last, 1<<31-1), unix.CLOSE_RANGE_CLOEXEC)
	if err == nil {
		return nil
	}
	// Linux before 5.11.
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		var fd uint
		if _, err := fmt.Sscan(entry.Name(), &fd); err == nil && fd >= first && fd <= last {
			unix.CloseOnExec(int(fd))
		}
	}
	return nil
}
