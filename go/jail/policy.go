// Package jail defines what the VM of the split mode may do: the policy of `agd
// start --split --jail`. It restricts nothing itself. Package enforce does, in
// the small program agd-vm-jail, which then becomes the VM, because Landlock
// and seccomp confine their caller. docs/security.md has the threats and the
// jail's protection against them.
package jail

import (
	"fmt"
	"strings"
)

// maxProcesses is how many more processes and threads the VM's user may have
// than at the VM's start. The kernel keeps some fifty workers; Node.js has some
// fifteen threads.
const maxProcesses = 4096

// Policy is what a process in the jail may do with files and the network.
// System calls are the same for all. The zero value allows nothing.
type Policy struct {
	// Read are files, and directories with everything below, that may be read.
	Read []string `json:"read,omitempty"`
	// Write are files, and directories with everything below, that may be read,
	// changed, created and removed. Nothing in them may be executed.
	Write []string `json:"write,omitempty"`
	// Exec are programs, and their loaders, that may be read and executed.
	Exec []string `json:"exec,omitempty"`
	// Listen is where the process may accept TCP connections; if empty, it
	// cannot create sockets at all.
	Listen []Port `json:"listen,omitempty"`
	// MaxProcesses is how many more processes and threads the user may have
	// than at the process's start; 0: no limit of the jail. It does not bind
	// root.
	MaxProcesses uint64 `json:"maxProcesses,omitempty"`
	// Worker restricts the process to what an xsnap worker needs, without new
	// processes.
	Worker bool `json:"worker,omitempty"`
}

// Port is a TCP port; 0 is any free one.
type Port uint16

// Support is what the machine supports.
type Support struct {
	// Landlock is the version of its ABI, 0 without Landlock.
	Landlock int `json:"landlock"`
	// Seccomp: filters of system calls are supported.
	Seccomp bool `json:"seccomp"`
}

// Versions of Landlock's ABI, by what came with them (landlock(7)).
const (
	landlockFiles    = 1
	landlockRefer    = 2
	landlockTruncate = 3
	landlockTCP      = 4
	landlockIoctl    = 5
	landlockScopes   = 6
)

// needs are the parts of the whole jail.
var needs = []struct {
	what string
	has  func(Support) bool
}{
	{"files", since(landlockFiles)},
	{"moving files between directories", since(landlockRefer)},
	{"truncating files", since(landlockTruncate)},
	{"TCP ports", since(landlockTCP)},
	{"device controls", since(landlockIoctl)},
	{"signals and abstract sockets", since(landlockScopes)},
	{"system calls", func(s Support) bool { return s.Seccomp }},
}

func since(version int) func(Support) bool {
	return func(s Support) bool { return s.Landlock >= version }
}

// Held returns what a jail confines on this machine, and what it cannot.
func (s Support) Held() (held, missing []string) {
	for _, need := range needs {
		if need.has(s) {
			held = append(held, need.what)
		} else {
			missing = append(missing, need.what)
		}
	}
	return held, missing
}

// Whole returns a one-line error for the user unless the machine supports all
// of the jail.
func (s Support) Whole() error {
	_, missing := s.Held()
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("this system cannot confine %s: it has %s; Linux 6.12 or newer is needed, with CONFIG_SECURITY_LANDLOCK, landlock among the LSMs (lsm= at boot), CONFIG_SECCOMP_FILTER, and a container that allows landlock_* and seccomp",
		strings.Join(missing, ", "), s)
}

func (s Support) String() string {
	landlock, seccomp := "no Landlock", "no seccomp filters"
	if s.Landlock > 0 {
		landlock = fmt.Sprintf("Landlock ABI %d", s.Landlock)
	}
	if s.Seccomp {
		seccomp = "seccomp filters"
	}
	return landlock + " and " + seccomp
}
