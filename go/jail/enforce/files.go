//go:build linux

package enforce

import (
	"fmt"
	"os"
	"strings"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"

	"github.com/agd-bridge/agd-bridge/go/jail"
)

const (
	fileRights landlock.AccessFSSet = ll.AccessFSExecute | ll.AccessFSReadFile |
		ll.AccessFSWriteFile | ll.AccessFSTruncate | ll.AccessFSIoctlDev

	readRights  landlock.AccessFSSet = ll.AccessFSReadFile | ll.AccessFSReadDir
	writeRights landlock.AccessFSSet = readRights | ll.AccessFSWriteFile | ll.AccessFSTruncate |
		ll.AccessFSMakeReg | ll.AccessFSMakeDir | ll.AccessFSRemoveFile | ll.AccessFSRemoveDir | ll.AccessFSRefer
	execRights landlock.AccessFSSet = ll.AccessFSReadFile | ll.AccessFSExecute
)

// confine restricts files, TCP, signals and abstract sockets of this process
// and all its descendants, as far as Landlock supports it on this machine.
func confine(p jail.Policy) error {
	var rules []landlock.Rule
	for _, set := range []struct {
		paths  []string
		rights landlock.AccessFSSet
	}{{p.Read, readRights}, {p.Write, writeRights}, {p.Exec, execRights}} {
		for _, path := range set.paths {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			rights := set.rights
			if !info.IsDir() {
				rights &= fileRights
			}
			if err := pin(p, path); err != nil {
				return err
			}
			rules = append(rules, landlock.PathAccess(rights, path))
		}
	}
	for _, port := range p.Listen {
		rules = append(rules, landlock.BindTCP(uint16(port)))
	}
	return landlock.V11.BestEffort().Restrict(rules...)
}

// maxPins bounds the descriptors that pin makes, by number.
const maxPins = 256

// pin keeps a rule for a file of /proc valid. A rule holds for an inode, and
// Linux gives a file of /proc a new inode after it has dropped the name from
// its cache, as it does when memory is short. A descriptor that the VM inherits
// keeps the name; it grants nothing beyond the rule.
func pin(p jail.Policy, path string) error {
	if p.Worker || !strings.HasPrefix(path, "/proc/") {
		return nil // A worker reads nothing once it runs.
	}
	fd, err := unix.Open(path, unix.O_PATH, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	if fd >= maxPins {
		return fmt.Errorf("%s: descriptor %d is above the limit of %d", path, fd, maxPins)
	}
	return nil
}

// DropPins closes pin's descriptors in a child of the VM, because the VM has
// them.
func DropPins() {
	for fd := range maxPins {
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); err == nil && flags&unix.O_PATH != 0 {
			unix.CloseOnExec(fd)
		}
	}
}
