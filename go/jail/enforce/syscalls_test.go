//go:build linux

package enforce

import (
	"encoding/binary"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/agd-bridge/agd-bridge/go/jail"
)

var architectures = []string{"amd64", "arm64"}

// tableOf returns Linux's system calls of an architecture, as package unix has
// them, by name.
func tableOf(t *testing.T, architecture string) map[string]int {
	t.Helper()
	// A binary built with -trimpath does not know where Go's sources are.
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "golang.org/x/sys/unix").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "zsysnum_linux_"+architecture+".go"))
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]int{}
	for _, match := range regexp.MustCompile(`(?m)^\tSYS_(\w+) += (\d+)$`).FindAllStringSubmatch(string(text), -1) {
		number, err := strconv.Atoi(match[2])
		if err != nil {
			t.Fatal(err)
		}
		table[strings.ToLower(match[1])] = number
	}
	if len(table) < 300 {
		t.Fatalf("%s: %d calls found", architecture, len(table))
	}
	if architecture == "arm64" {
		delete(table, "fstatat") // The same number as newfstatat.
	}
	return table
}

func TestEachCallOfLinuxIsInOneList(t *testing.T) {
	listed := map[string]int{}
	for _, name := range slices.Concat(allowed, allowedToListen, absent, refused) {
		listed[name]++
	}
	for name, times := range listed {
		if times > 1 {
			t.Errorf("%s is in %d lists", name, times)
		}
	}
	known := map[string]bool{}
	for _, architecture := range architectures {
		for name := range tableOf(t, architecture) {
			known[name] = true
			if listed[name] == 0 {
				t.Errorf("%s: %s is in no list", architecture, name)
			}
		}
	}
	for name := range listed {
		if !known[name] {
			t.Errorf("%s is no call of any architecture", name)
		}
	}
	for _, name := range allowedToWorkers {
		if !slices.Contains(allowed, name) {
			t.Errorf("a worker may call %s, and the VM may not", name)
		}
	}
	for name := range conditions(jail.Policy{Worker: true, Listen: []jail.Port{0}}, 0) {
		if !slices.Contains(allowed, name) && !slices.Contains(allowedToListen, name) {
			t.Errorf("%s has conditions, and is not allowed", name)
		}
	}
}

// The library makes filters from its own table, so what is allowed or refused by
// name has to have Linux's number there. What the library does not have yet is
// refused, so it must be nothing that is needed.
func TestTheLibrarysTablesAreLinuxs(t *testing.T) {
	for _, architecture := range architectures {
		table, err := arch.GetInfo(architecture)
		if err != nil {
			t.Fatal(err)
		}
		numbers := maps.Clone(table.SyscallNames)
		for alias, name := range aliases {
			if number, has := numbers[alias]; has {
				numbers[name] = number
			}
		}
		for name, number := range tableOf(t, architecture) {
			if got, has := numbers[name]; has && got != number {
				t.Errorf("%s: %s is %d to the library, %d to Linux", architecture, name, got, number)
			} else if !has && verdictOf(jail.Policy{}, name) == verdictAllowed {
				t.Errorf("%s: the library lacks %s", architecture, name)
			}
		}
	}
}

// machine runs what filters makes of a policy, as Linux would.
type machine []*bpf.VM

func machineOf(t *testing.T, p jail.Policy, program uintptr) machine {
	t.Helper()
	policies, err := filters(p, program)
	if err != nil {
		t.Fatal(err)
	}
	var m machine
	for _, policy := range policies {
		instructions, err := policy.Assemble()
		if err != nil {
			t.Fatal(err)
		}
		vm, err := bpf.NewVM(instructions)
		if err != nil {
			t.Fatal(err)
		}
		m = append(m, vm)
	}
	return m
}

// call returns what becomes of a call: nil if it is made.
func (m machine) call(t *testing.T, auditArch uint32, number int, args ...uint64) error {
	t.Helper()
	// struct seccomp_data in words; package bpf reads them as a packet's.
	data := binary.BigEndian.AppendUint32(nil, uint32(number))
	data = binary.BigEndian.AppendUint32(data, auditArch)
	data = append(data, make([]byte, 8)...)
	for i := range 6 {
		var arg uint64
		if i < len(args) {
			arg = args[i]
		}
		data = binary.BigEndian.AppendUint32(data, uint32(arg))
		data = binary.BigEndian.AppendUint32(data, uint32(arg>>32))
	}
	var refusal error
	for _, vm := range m {
		action, err := vm.Run(data)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case seccomp.Action(action) == seccomp.ActionAllow:
		case seccomp.Action(action) == seccomp.ActionErrno|seccomp.Action(unix.EPERM):
			refusal = unix.EPERM
		case seccomp.Action(action) == seccomp.ActionErrno|seccomp.Action(unix.ENOSYS):
			refusal = unix.ENOSYS
		default:
			t.Fatalf("call %d: action %#x", number, action)
		}
	}
	return refusal
}

func here(t *testing.T) *arch.Info {
	t.Helper()
	table, err := arch.GetInfo("")
	if err != nil {
		t.Fatal(err)
	}
	return table
}

const aProgram = 0x7000_1234_5678

var policies = map[string]jail.Policy{
	"the VM":                  {},
	"a VM with the inspector": {Listen: []jail.Port{9229}},
	"a worker":                {Worker: true},
	"a worker of such a VM":   {Worker: true, Listen: []jail.Port{9229}},
}

// passing are arguments with which a call with conditions is made.
func passing() map[string][]uint64 {
	return map[string][]uint64{
		"clone": {unix.CLONE_THREAD}, "execve": {aProgram}, "ioctl": {0, unix.TCGETS},
		"prctl": {unix.PR_SET_NAME}, "tgkill": {uint64(os.Getpid())},
		"socketpair": {unix.AF_UNIX, unix.SOCK_STREAM}, "socket": {unix.AF_INET, unix.SOCK_STREAM},
	}
}

func TestEachNumberDoesWhatItsListSays(t *testing.T) {
	table := here(t)
	for who, p := range policies {
		m := machineOf(t, p, aProgram)
		for number := range 1 << 10 {
			name, has := table.SyscallNumbers[number]
			var want error = unix.EPERM
			if has {
				want = map[verdict]error{verdictAbsent: unix.ENOSYS, verdictRefused: unix.EPERM}[verdictOf(p, name)]
			}
			if got := m.call(t, uint32(table.ID), number, passing()[name]...); !errors.Is(got, want) {
				t.Errorf("%s: %d, %q: %v, not %v", who, number, name, got, want)
			}
			// Such as of the 32-bit table, by int $0x80, and of x32.
			for _, other := range []*arch.Info{arch.I386, arch.ARM, arch.X32, arch.X86_64, arch.AARCH64} {
				if other != table && m.call(t, uint32(other.ID), number|other.SeccompMask) == nil {
					t.Errorf("%s: %s: %d is made", who, other.Name, number)
				}
			}
		}
	}
}

func TestConditionsLookAtArguments(t *testing.T) {
	const (
		at   = ^uint64(99) // AT_FDCWD
		high = 1 << 32     // Linux does not look at it, in an int.
		some = 0x7000_0000_1000
	)
	self := uint64(os.Getpid())
	for _, row := range []struct {
		name       string
		args       []uint64
		vm, worker bool // made
	}{
		{"openat", []uint64{at, some, unix.O_RDONLY}, true, true},
		{"openat", []uint64{at, some, unix.O_RDWR | unix.O_CREAT, 0o777}, true, true},
		{"openat", []uint64{at, some, unix.O_RDWR | unix.O_CREAT, 0o4755}, false, false},
		{"openat", []uint64{at, some, unix.O_RDWR | unix.O_CREAT, 0o2755}, false, false},
		{"openat", []uint64{at, some, high | unix.O_RDWR | unix.O_CREAT, high | 0o4000}, false, false},
		{"openat", []uint64{at, some, unix.O_RDWR | unix.O_TMPFILE, 0o4755}, false, false},
		{"openat", []uint64{at, some, unix.O_RDONLY | unix.O_DIRECTORY, 0o4755}, true, true},
		{"open", []uint64{some, unix.O_RDWR | unix.O_CREAT, 0o644}, true, true},
		{"open", []uint64{some, unix.O_RDWR | unix.O_CREAT, 0o6755}, false, false},
		{"clone", []uint64{uint64(unix.SIGCHLD)}, true, false},
		{"clone", []uint64{unix.CLONE_VM | unix.CLONE_VFORK | uint64(unix.SIGCHLD)}, true, false},
		{"clone", []uint64{unix.CLONE_VM | unix.CLONE_THREAD}, true, true},
		{"clone", []uint64{unix.CLONE_NEWUSER | unix.CLONE_THREAD}, false, false},
		{"clone", []uint64{unix.CLONE_PARENT | uint64(unix.SIGCHLD)}, false, false},
		{"prlimit64", []uint64{0, unix.RLIMIT_NOFILE, 0, some}, true, true},
		{"prlimit64", []uint64{0, unix.RLIMIT_NOFILE, some, 0}, false, false},
		{"prlimit64", []uint64{1, unix.RLIMIT_NOFILE, 0, some}, false, false},
		{"ioctl", []uint64{0, fioNBIO, some}, true, true},
		{"ioctl", []uint64{0, unix.TIOCSTI, some}, false, false},
		{"ioctl", []uint64{0, high | unix.TIOCSTI, some}, false, false},
		{"ioctl", []uint64{0, unix.FS_IOC_SETFLAGS, some}, false, false},
		{"fcntl", []uint64{0, unix.F_SETLK, some}, true, true},
		{"fcntl", []uint64{0, unix.F_SETOWN, 1}, false, false},
		{"fcntl", []uint64{0, high | unix.F_SETOWN, 1}, false, false},
		{"fcntl", []uint64{0, unix.F_NOTIFY, 1}, false, false},
		{"fcntl", []uint64{0, unix.F_SETLEASE, 1}, false, false},
		{"prctl", []uint64{unix.PR_SET_NAME, some}, true, true},
		{"prctl", []uint64{unix.PR_SET_PDEATHSIG, uint64(unix.SIGKILL)}, true, true},
		{"prctl", []uint64{unix.PR_SET_PDEATHSIG, 0}, false, false},
		{"prctl", []uint64{high | unix.PR_SET_PDEATHSIG, 0}, false, false},
		{"prctl", []uint64{unix.PR_SET_DUMPABLE, 0}, false, false},
		{"socketpair", []uint64{unix.AF_UNIX, unix.SOCK_STREAM | unix.SOCK_CLOEXEC, 0}, true, false},
		{"socketpair", []uint64{unix.AF_UNIX, unix.SOCK_DGRAM, 0}, false, false},
		{"socketpair", []uint64{unix.AF_UNIX, high | unix.SOCK_DGRAM | unix.SOCK_NONBLOCK, 0}, false, false},
		{"socketpair", []uint64{unix.AF_UNIX, unix.SOCK_RAW, 0}, false, false},
		{"socketpair", []uint64{unix.AF_UNIX, unix.SOCK_SEQPACKET, 0}, false, false},
		{"socketpair", []uint64{unix.AF_TIPC, unix.SOCK_STREAM, 0}, false, false},
		{"sendto", []uint64{0, some, 1, 0, 0, 0}, true, false},
		{"sendto", []uint64{0, some, 1, 0, some, 16}, false, false},
		{"tgkill", []uint64{self, self, uint64(unix.SIGABRT)}, true, true},
		{"tgkill", []uint64{self + 1, self + 1, uint64(unix.SIGKILL)}, true, false},
		{"execve", []uint64{aProgram}, true, true},
		{"execve", []uint64{some}, true, false},
		{"socket", []uint64{unix.AF_INET, unix.SOCK_STREAM, 0}, false, false},
	} {
		for who, made := range map[string]bool{"the VM": row.vm, "a worker": row.worker} {
			checkCall(t, who, row.name, row.args, made)
		}
	}
	for _, row := range []struct {
		name string
		args []uint64
		made bool
	}{
		{"socket", []uint64{unix.AF_INET, unix.SOCK_STREAM | unix.SOCK_NONBLOCK, 0}, true},
		{"socket", []uint64{unix.AF_INET6, unix.SOCK_STREAM, unix.IPPROTO_TCP}, true},
		{"socket", []uint64{unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP}, false},
		{"socket", []uint64{unix.AF_INET, unix.SOCK_DGRAM, 0}, false},
		{"socket", []uint64{unix.AF_UNIX, unix.SOCK_STREAM, 0}, false},
		{"socket", []uint64{unix.AF_NETLINK, unix.SOCK_RAW, 0}, false},
		{"sendmsg", []uint64{0, some, 0}, true},
		{"sendmsg", []uint64{0, some, unix.MSG_FASTOPEN}, false},
		{"sendto", []uint64{0, some, 1, unix.MSG_FASTOPEN, some, 16}, false},
		{"connect", []uint64{0, some, 16}, false},
		{"listen", []uint64{0, 1}, true},
	} {
		checkCall(t, "a VM with the inspector", row.name, row.args, row.made)
	}
}

// checkCall makes a call under one of the policies above.
func checkCall(t *testing.T, who, name string, args []uint64, made bool) {
	t.Helper()
	table := here(t)
	number, has := table.SyscallNames[name]
	if !has {
		return // Such as open, of arm64.
	}
	var want error
	if !made {
		want = unix.EPERM
	}
	if got := machineOf(t, policies[who], aProgram).call(t, uint32(table.ID), number, args...); !errors.Is(got, want) {
		t.Errorf("%s: %s%#x: %v, not %v", who, name, args, got, want)
	}
}
