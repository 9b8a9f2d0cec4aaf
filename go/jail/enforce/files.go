package enforce

import (
	"os"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"

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

// confine restricts files, TCP, signals and abstract sockets, as far as this
// kernel's Landlock can, of this process and all below it.
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
			rules = append(rules, landlock.PathAccess(rights, path))
		}
	}
	for _, port := range p.Listen {
		rules = append(rules, landlock.BindTCP(uint16(port)))
	}
	return landlock.V11.BestEffort().Restrict(rules...)
}
