//go:build linux

package enforce

// Each system call of amd64 and arm64 is in one of these lists, by the name in
// Linux's tables. One that comes later is in none, and fails with EPERM as well.

// allowed are what Node.js and its libraries call (libuv, V8, SQLite, the C
// library), from Node.js 22 to 26, and agd-vm-jail, which starts the workers.
// Some of them under conditions.
var allowed = []string{
	// Files, which Landlock confines.
	"open", "openat", "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev",
	"preadv2", "pwritev2", "lseek", "close", "close_range", "fsync", "fdatasync", "ftruncate", "fallocate",
	"fadvise64", "sendfile", "copy_file_range", "getdents64", "umask", "getcwd", "chdir", "fchdir",
	"mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2",
	"link", "linkat", "symlink", "symlinkat",
	// Of any file, since Landlock has no right for it: docs/security.md.
	"stat", "lstat", "fstat", "newfstatat", "statx", "fstatfs", "access", "faccessat", "faccessat2",
	"readlink", "readlinkat",
	// Descriptors, and waiting for them.
	"dup", "dup2", "dup3", "fcntl", "ioctl", "pipe", "pipe2", "eventfd", "eventfd2", "select", "pselect6",
	"poll", "ppoll", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
	"timerfd_create", "timerfd_settime", "timerfd_gettime",
	// Pairs of sockets, by which Node.js talks with its children.
	"socketpair", "sendto", "sendmsg", "recvfrom", "recvmsg", "shutdown",
	"getsockname", "getpeername", "getsockopt", "setsockopt",
	// Memory.
	"brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "mincore", "msync", "mlock", "munlock",
	"pkey_alloc", "pkey_mprotect", "pkey_free", "membarrier",
	// Threads.
	"clone", "futex", "futex_waitv", "futex_wake", "futex_wait", "futex_requeue", "rseq",
	"set_robust_list", "set_tid_address", "arch_prctl", "gettid", "tgkill", "tkill", "getcpu",
	"sched_yield", "sched_getaffinity", "sched_getparam", "sched_getscheduler",
	"sched_get_priority_max", "sched_get_priority_min",
	// Processes below it; Landlock confines signals.
	"fork", "vfork", "execve", "exit", "exit_group", "wait4", "waitid", "setsid", "kill",
	// Signals.
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigsuspend", "rt_sigtimedwait",
	"sigaltstack", "pause", "restart_syscall",
	// Time.
	"clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times",
	"alarm", "getitimer", "setitimer", "timer_create", "timer_settime", "timer_gettime", "timer_getoverrun", "timer_delete",
	// What a process may know of itself, and of the machine.
	"getpid", "getppid", "getpgrp", "getpgid", "getsid", "getuid", "geteuid", "getgid", "getegid",
	"getresuid", "getresgid", "getgroups", "getpriority", "getrlimit", "prlimit64", "getrusage",
	"capget", "prctl", "uname", "sysinfo", "getrandom",
	// A smaller jail.
	"seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self",
}

// allowedToListen are the additional calls of a VM that accepts TCP connections.
var allowedToListen = []string{"socket", "bind", "listen", "accept", "accept4"}

// allowedToWorkers are what an xsnap worker gets of allowed: it computes, and
// reads and writes what is open. With them the C library starts it, and
// agd-vm-jail continues until it has become the worker.
var allowedToWorkers = []string{
	"open", "openat", "read", "write", "readv", "writev", "pread64", "pwrite64", "lseek", "close",
	"stat", "lstat", "fstat", "newfstatat", "statx", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getcwd",
	"dup", "dup2", "dup3", "fcntl", "ioctl", "select", "pselect6", "poll", "ppoll",
	"eventfd2", "pipe2", "epoll_create1", "epoll_ctl", "epoll_pwait",
	"brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "mincore", "membarrier",
	"clone", "futex", "futex_waitv", "futex_wake", "futex_wait", "futex_requeue", "rseq",
	"set_robust_list", "set_tid_address", "arch_prctl", "gettid", "tgkill", "getcpu",
	"sched_yield", "sched_getaffinity", "sched_getparam", "sched_getscheduler",
	"execve", "exit", "exit_group",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigsuspend", "rt_sigtimedwait",
	"sigaltstack", "pause", "restart_syscall",
	"clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times",
	"alarm", "getitimer", "setitimer", "timer_create", "timer_settime", "timer_gettime", "timer_getoverrun", "timer_delete",
	"getpid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getrlimit", "prlimit64", "getrusage",
	"capget", "prctl", "uname", "sysinfo", "getrandom",
}

// absent fail with ENOSYS: programs call others then, whose arguments a filter
// can read.
var absent = []string{"clone3", "openat2"}

// refused fail with EPERM, as those of allowedToListen do without a port.
var refused = []string{
	// What is written about a file, which Landlock does not confine: a key's
	// mode, a set-user-ID bit, times, attributes.
	"chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat",
	"utime", "utimes", "futimesat", "utimensat", "file_setattr", "file_getattr",
	"setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat",
	"getxattr", "lgetxattr", "fgetxattr", "getxattrat", "listxattr", "llistxattr", "flistxattr", "listxattrat",
	// Other ways to files.
	"creat", "truncate", "mknod", "mknodat", "flock", "getdents", "readahead", "sync", "syncfs", "sync_file_range",
	"splice", "tee", "vmsplice", "statfs", "ustat", "sysfs", "cachestat", "name_to_handle_at", "open_by_handle_at",
	"inotify_init", "inotify_init1", "inotify_add_watch", "inotify_rm_watch", "fanotify_init", "fanotify_mark",
	"io_setup", "io_submit", "io_cancel", "io_destroy", "io_getevents", "io_pgetevents",
	"io_uring_setup", "io_uring_enter", "io_uring_register",
	// Sockets that are connected, or send datagrams.
	"connect", "sendmmsg", "recvmmsg",
	// Memory and messages that are shared by a number or a name.
	"shmget", "shmat", "shmdt", "shmctl", "semget", "semop", "semtimedop", "semctl",
	"msgget", "msgsnd", "msgrcv", "msgctl",
	"mq_open", "mq_unlink", "mq_timedsend", "mq_timedreceive", "mq_notify", "mq_getsetattr",
	// Other processes.
	"ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp",
	"pidfd_open", "pidfd_getfd", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
	"get_robust_list", "setpgid", "migrate_pages", "move_pages",
	"setpriority", "ioprio_get", "ioprio_set", "sched_setscheduler", "sched_setparam", "sched_setattr", "sched_getattr",
	"sched_setaffinity", "sched_rr_get_interval", "rseq_slice_yield",
	// Programs without a name in the file system.
	"memfd_create", "memfd_secret", "execveat", "uselib",
	// Memory, as nothing here uses it.
	"mlock2", "mlockall", "munlockall", "remap_file_pages", "mseal", "map_shadow_stack",
	"mbind", "get_mempolicy", "set_mempolicy", "set_mempolicy_home_node",
	"get_thread_area", "set_thread_area", "modify_ldt", "signalfd", "signalfd4",
	// Namespaces and mounts.
	"unshare", "setns", "listns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "open_tree_attr",
	"move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "statmount", "listmount",
	"swapon", "swapoff", "quotactl", "quotactl_fd",
	// Large doors into Linux.
	"bpf", "perf_event_open", "userfaultfd", "uprobe", "uretprobe", "keyctl", "add_key", "request_key",
	"kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module",
	"lookup_dcookie", "syslog", "acct", "vhangup", "lsm_get_self_attr", "lsm_set_self_attr", "lsm_list_modules",
	// The machine.
	"reboot", "iopl", "ioperm", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex",
	"sethostname", "setdomainname",
	// Limits and privileges.
	"setrlimit", "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups",
	"setfsuid", "setfsgid", "capset", "personality",
	// What Linux once had, or never.
	"_sysctl", "afs_syscall", "create_module", "epoll_ctl_old", "epoll_wait_old", "get_kernel_syms", "getpmsg",
	"nfsservctl", "putpmsg", "query_module", "security", "tuxcall", "vserver", "arch_specific_syscall",
}

// aliases are this architecture's names of the library's table that differ from
// Linux's.
var aliases = map[string]string{"fstatat": "newfstatat"}
