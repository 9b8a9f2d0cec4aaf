package enforce

import (
	"fmt"
	"maps"
	"slices"

	"github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/sys/unix"

	"github.com/agd-bridge/agd-bridge/go/jail"
)

// denied are system calls that nothing in the jail makes: each fails with
// EPERM. So does every call that this list's author did not know, and every
// call of another architecture's table: what is allowed is listed in the
// filter, and these are what is left out.
var denied = []string{
	// Sockets, but for pairs of them.
	"socket", "bind", "listen", "accept", "accept4", "connect",
	// Other processes.
	"ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp",
	"pidfd_open", "pidfd_getfd", "pidfd_send_signal", "move_pages", "migrate_pages",
	"setpriority", "ioprio_set", "sched_setscheduler", "sched_setparam", "sched_setattr", "sched_setaffinity",
	"msgget", "semget", "shmget", "mq_open", "mq_unlink",
	// Programs without a name in the file system.
	"memfd_create", "memfd_secret", "execveat", "uselib",
	// Namespaces and mounts.
	"unshare", "setns", "mount", "umount", "umount2", "pivot_root", "chroot", "open_tree", "open_tree_attr",
	"move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "swapon", "swapoff",
	"quotactl", "quotactl_fd", "name_to_handle_at", "open_by_handle_at", "fanotify_init", "fanotify_mark",
	// Large doors into the kernel.
	"bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
	"keyctl", "add_key", "request_key", "kexec_load", "kexec_file_load", "init_module", "finit_module",
	"create_module", "delete_module", "lookup_dcookie", "nfsservctl", "syslog", "acct", "vhangup",
	// The machine.
	"reboot", "iopl", "ioperm", "modify_ldt", "settimeofday", "clock_settime", "clock_settime64",
	"clock_adjtime", "clock_adjtime64", "adjtimex", "stime", "sethostname", "setdomainname",
	// Limits and privileges.
	"setrlimit", "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups",
	"setfsuid", "setfsgid", "capset", "personality", "chown", "fchown", "lchown", "fchownat",
}

const namespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
	unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET

// unknown makes the C library use an older call, whose arguments a filter can
// read.
const unknown = seccomp.ActionErrno | seccomp.Action(unix.ENOSYS)

// filter restricts the system calls of this process and all below it; a worker
// may execute the program whose name is at the address alone.
func filter(p jail.Policy, program uintptr) error {
	table, err := arch.GetInfo("")
	if err != nil {
		return err
	}
	left := slices.Clone(denied)
	conditions := map[string][]seccomp.ArgumentConditions{
		"clone": {{{Argument: 0, Operation: seccomp.BitsSet, Value: namespaces}}},
		// Looking at limits is harmless.
		"prlimit64": {{{Argument: 2, Operation: seccomp.NotEqual, Value: 0}}},
	}
	if len(p.Listen) > 0 {
		left = slices.DeleteFunc(left, func(name string) bool {
			return slices.Contains([]string{"socket", "bind", "listen", "accept", "accept4"}, name)
		})
		conditions["socket"] = allButTCP
		// A connection without connect(2).
		for name, flags := range map[string]uint32{"sendmsg": 2, "sendto": 3, "sendmmsg": 3} {
			conditions[name] = []seccomp.ArgumentConditions{{{Argument: flags, Operation: seccomp.BitsSet, Value: unix.MSG_FASTOPEN}}}
		}
	}
	if p.Worker {
		left = append(left, "fork", "vfork", "socketpair", "kill")
		conditions["execve"] = []seccomp.ArgumentConditions{{{Argument: 0, Operation: seccomp.NotEqual, Value: uint64(program)}}}
		conditions["clone"] = append(conditions["clone"], seccomp.ArgumentConditions{
			{Argument: 0, Operation: seccomp.BitsNotSet, Value: unix.CLONE_THREAD},
		})
	}
	// Where filters disagree, the strictest holds. Each condition has one of
	// its own: the library compares the next number with an argument, once a
	// condition was looked at.
	for name, conditions := range conditions {
		group := seccomp.SyscallGroup{Action: seccomp.ActionErrno}
		for _, condition := range conditions {
			group.NamesWithCondtions = append(group.NamesWithCondtions, seccomp.NameWithConditions{Name: name, Conditions: condition})
		}
		if err := load(seccomp.ActionAllow, group); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	var allowed []string
	for _, name := range slices.Sorted(maps.Keys(table.SyscallNames)) {
		if name != "clone3" && !slices.Contains(left, name) {
			allowed = append(allowed, name)
		}
	}
	return load(seccomp.ActionErrno,
		seccomp.SyscallGroup{Names: []string{"clone3"}, Action: unknown},
		seccomp.SyscallGroup{Names: allowed, Action: seccomp.ActionAllow})
}

func load(byDefault seccomp.Action, groups ...seccomp.SyscallGroup) error {
	return seccomp.LoadFilter(seccomp.Filter{
		NoNewPrivs: true,
		Flag:       seccomp.FilterFlagTSync,
		Policy:     seccomp.Policy{DefaultAction: byDefault, Syscalls: groups},
	})
}

// The arguments of socket(2).
const (
	domain = iota
	kind
	protocol
)

// allButTCP denies the sockets that Landlock does not confine.
var allButTCP = []seccomp.ArgumentConditions{
	{
		{Argument: domain, Operation: seccomp.NotEqual, Value: unix.AF_INET},
		{Argument: domain, Operation: seccomp.NotEqual, Value: unix.AF_INET6},
	},
	// Such as multipath TCP.
	{
		{Argument: protocol, Operation: seccomp.NotEqual, Value: 0},
		{Argument: protocol, Operation: seccomp.NotEqual, Value: unix.IPPROTO_TCP},
	},
	// The types are 1 for a stream, and other numbers below 16.
	{{Argument: kind, Operation: seccomp.BitsNotSet, Value: unix.SOCK_STREAM}},
	{{Argument: kind, Operation: seccomp.BitsSet, Value: 0xf &^ unix.SOCK_STREAM}},
}
