//go:build linux

package enforce

import (
	"maps"
	"os"
	"slices"

	"github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/sys/unix"

	"github.com/agd-bridge/agd-bridge/go/jail"
)

// filter restricts the system calls of this process and all its descendants. A
// worker may execute only the program whose name is at the address.
func filter(p jail.Policy, program uintptr) error {
	policies, err := filters(p, program)
	if err != nil {
		return err
	}
	for _, policy := range policies {
		err := seccomp.LoadFilter(seccomp.Filter{NoNewPrivs: true, Flag: seccomp.FilterFlagTSync, Policy: policy})
		if err != nil {
			return err
		}
	}
	return nil
}

// filters returns the filters of system calls for a policy. If they disagree,
// the strictest wins. Each call with conditions has its own filter, because the
// library compares the next number with an argument after it has evaluated a
// condition. The last filter has the lists, and allows no call by another
// architecture's table.
func filters(p jail.Policy, program uintptr) ([]seccomp.Policy, error) {
	table, err := arch.GetInfo("")
	if err != nil {
		return nil, err
	}
	found := make([]seccomp.Policy, 0, 16)
	denied := conditions(p, program)
	for _, name := range slices.Sorted(maps.Keys(denied)) {
		if _, has := table.SyscallNames[name]; !has {
			continue // Such as open, of arm64.
		}
		group := seccomp.SyscallGroup{Action: seccomp.ActionErrno}
		for _, when := range denied[name] {
			group.NamesWithCondtions = append(group.NamesWithCondtions, seccomp.NameWithConditions{Name: name, Conditions: when})
		}
		found = append(found, seccomp.Policy{DefaultAction: seccomp.ActionAllow, Syscalls: []seccomp.SyscallGroup{group}})
	}
	named := map[verdict][]string{}
	for _, name := range slices.Sorted(maps.Keys(table.SyscallNames)) {
		named[verdictOf(p, name)] = append(named[verdictOf(p, name)], name)
	}
	return append(found, seccomp.Policy{DefaultAction: seccomp.ActionErrno, Syscalls: []seccomp.SyscallGroup{
		{Names: named[verdictAllowed], Action: seccomp.ActionAllow},
		{Names: named[verdictAbsent], Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS)},
	}}), nil
}

// verdict is the fate of a system call.
type verdict int

const (
	// verdictRefused: it fails with EPERM.
	verdictRefused verdict = iota
	// verdictAbsent: it fails with ENOSYS.
	verdictAbsent
	// verdictAllowed: the call is made, unless a condition refuses it.
	verdictAllowed
)

// verdictOf returns a policy's verdict on a call of the library's table.
func verdictOf(p jail.Policy, name string) verdict {
	if alias, has := aliases[name]; has {
		name = alias
	}
	switch {
	case p.Worker && slices.Contains(allowedToWorkers, name):
		return verdictAllowed
	case !p.Worker && slices.Contains(allowed, name):
		return verdictAllowed
	case len(p.Listen) > 0 && slices.Contains(allowedToListen, name):
		return verdictAllowed
	case slices.Contains(absent, name):
		return verdictAbsent
	}
	return verdictRefused
}

// denials refuse a call if all conditions of one of them hold.
type denials = []seccomp.ArgumentConditions

const (
	namespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
		unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET
	// setID are the bits by which a file's program gets its owner's rights.
	setID = unix.S_ISUID | unix.S_ISGID
	// made are the flags by which open(2) makes a file, with a mode.
	made = unix.O_CREAT | unix.O_TMPFILE&^unix.O_DIRECTORY
	// Of ioctl(2), where Linux's headers have them and package unix has not.
	fioNBIO, fioNCLEX, fioCLEX = 0x5421, 0x5450, 0x5451
)

// conditions returns the calls that are allowed only for some arguments.
func conditions(p jail.Policy, program uintptr) map[string]denials {
	found := map[string]denials{
		// A child of its own, not a brother.
		"clone": {{{Argument: 0, Operation: seccomp.BitsSet, Value: namespaces | unix.CLONE_PARENT}}},
		// Looking at its own limits is harmless.
		"prlimit64": {
			{{Argument: 0, Operation: seccomp.NotEqual, Value: 0}},
			{{Argument: 2, Operation: seccomp.NotEqual, Value: 0}},
		},
		"open":   {{{Argument: 1, Operation: seccomp.BitsSet, Value: made}, {Argument: 2, Operation: seccomp.BitsSet, Value: setID}}},
		"openat": {{{Argument: 2, Operation: seccomp.BitsSet, Value: made}, {Argument: 3, Operation: seccomp.BitsSet, Value: setID}}},
		"ioctl":  {noneOf(1, fioCLEX, fioNCLEX, fioNBIO, unix.TIOCINQ, unix.TCGETS, unix.TCGETS2, unix.TIOCGWINSZ)},
		"fcntl": {noneOf(1, unix.F_DUPFD, unix.F_DUPFD_CLOEXEC, unix.F_GETFD, unix.F_SETFD, unix.F_GETFL, unix.F_SETFL,
			unix.F_GETLK, unix.F_SETLK, unix.F_SETLKW, unix.F_OFD_GETLK, unix.F_OFD_SETLK, unix.F_OFD_SETLKW,
			unix.F_GETPIPE_SZ, unix.F_GET_SEALS)},
		"prctl": {
			noneOf(0, unix.PR_SET_NAME, unix.PR_GET_NAME, unix.PR_SET_VMA, unix.PR_GET_DUMPABLE,
				unix.PR_GET_PDEATHSIG, unix.PR_SET_PDEATHSIG, unix.PR_GET_NO_NEW_PRIVS, unix.PR_SET_NO_NEW_PRIVS,
				unix.PR_CAPBSET_READ, unix.PR_CAPBSET_DROP, unix.PR_CAP_AMBIENT),
			// It ends with its parent, and cannot change that.
			{{Argument: 0, Operation: seccomp.Equal, Value: unix.PR_SET_PDEATHSIG}, {Argument: 1, Operation: seccomp.NotEqual, Value: uint64(unix.SIGKILL)}},
		},
		// Datagrams reach sockets that are not of the pair.
		"socketpair": append(denials{noneOf(domain, unix.AF_UNIX), noneOf(protocol, 0)}, noStream...),
		// Nor by an address, as a connection without connect(2).
		"sendto": {noneOf(4, 0)},
	}
	if len(p.Listen) > 0 {
		found["socket"] = append(denials{noneOf(domain, unix.AF_INET, unix.AF_INET6), noneOf(protocol, 0, unix.IPPROTO_TCP)}, noStream...)
		found["sendmsg"] = denials{{{Argument: 2, Operation: seccomp.BitsSet, Value: unix.MSG_FASTOPEN}}}
	}
	if p.Worker {
		self := uint64(os.Getpid())
		found["tgkill"] = denials{noneOf(0, self)}
		found["execve"] = denials{noneOf(0, uint64(program))}
		found["clone"] = append(found["clone"], seccomp.ArgumentConditions{
			{Argument: 0, Operation: seccomp.BitsNotSet, Value: unix.CLONE_THREAD},
		})
	}
	return found
}

// The arguments of socket(2) and socketpair(2).
const (
	domain = iota
	kind
	protocol
)

// noStream is of a socket's kind, which is 1 for a stream, and other numbers
// below 16, beside flags.
var noStream = denials{
	{{Argument: kind, Operation: seccomp.BitsNotSet, Value: unix.SOCK_STREAM}},
	{{Argument: kind, Operation: seccomp.BitsSet, Value: 0xf &^ unix.SOCK_STREAM}},
}

// noneOf holds if an argument is none of these.
func noneOf(argument uint32, values ...uint64) seccomp.ArgumentConditions {
	found := make(seccomp.ArgumentConditions, 0, len(values))
	for _, value := range values {
		found = append(found, seccomp.Condition{Argument: argument, Operation: seccomp.NotEqual, Value: value})
	}
	return found
}
