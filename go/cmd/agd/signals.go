package main

import "C" // early.c

import (
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// stopSignals are those that stop a command. Before takeSignals they end the
// process (early.c), or have their default effect. SIGHUP stops nothing that
// whoever started agd wants to outlive its terminal.
func stopSignals() []os.Signal {
	if hangupIgnored() {
		return []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	}
	return []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}
}

// hangupIgnored tells whether agd was started with SIGHUP ignored, as by nohup.
func hangupIgnored() bool { return signal.Ignored(syscall.SIGHUP) }

func takeSignals() <-chan os.Signal {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, stopSignals()...)
	return signals
}

// exec replaces the program; it returns only an error. A stop signal that comes
// once no other thread is left waits: the new program begins with this thread's
// mask, and packages/agvm/native/early-signals.c unblocks them.
func exec(argv, env []string) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var stops unix.Sigset_t
	for _, each := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		stops.Val[0] |= 1 << (each - 1)
	}
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &stops, nil); err != nil {
		return os.NewSyscallError("sigprocmask", err)
	}
	err := syscall.Exec(argv[0], argv, env)
	_ = unix.PthreadSigmask(unix.SIG_UNBLOCK, &stops, nil)
	return err
}
