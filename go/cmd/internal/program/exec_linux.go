package program

import (
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/agd-bridge/agd-bridge/go/cmd/internal/early"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// exec replaces the program. It returns only an error. A stop signal that
// arrives when no other thread is left stays pending: the new program starts
// with this thread's mask, and packages/agvm/native/early-signals.c unblocks
// the signals.
//
// A process that has taken signals gives them back first: from then on they
// end it again (early.c, package early), and none is lost.
func exec(argv, env []string) error {
	if taken != nil {
		early.Resume()
		signal.Stop(taken)
		if len(taken) > 0 {
			os.Exit(supervisor.ExitSignal)
		}
	}
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
