// Package supervisor starts the VM process of the split mode, watches it,
// stops it and reaps it once; and it holds what both modes share of a
// process's life: the files beside agd, the exit codes.
package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
)

// File descriptors of the VM process (docs/protocol.md). 3 stays closed: it is
// Node's own IPC.
const (
	fdFromAgd = 4
	fdToAgd   = 5
)

// Times of a stop, each from the end of the one before.
const (
	// StopGrace is how long the VM may take to end after it was told to.
	StopGrace = 3 * time.Second
	// TermGrace is how long it may take after SIGTERM, before SIGKILL.
	TermGrace = 5 * time.Second
)

// MethodStop tells the VM to end; it comes before the end of the stream.
const MethodStop = "agvm.Stop"

// VM is a running VM process and the bridge to it. Whoever started it calls
// Stop, which also closes the bridge.
type VM struct {
	bridge.Bridge
	cmd    *exec.Cmd
	exited chan struct{}
}

// Start starts the VM and opens the bridge; the handshake is the caller's
// next step. The VM dies with this process.
func Start(command []string, env []string, options split.Options) (*VM, error) {
	vmIn, toVM, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	fromVM, vmOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, vmIn.Close(), toVM.Close())
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{nil, vmIn, vmOut} // 3, 4, 5
	cmd.Env = append(env,
		fmt.Sprintf("AGVM_FROM_AGD=%d", fdFromAgd),
		fmt.Sprintf("AGVM_TO_AGD=%d", fdToAgd))
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}

	vm := &VM{cmd: cmd, exited: make(chan struct{})}
	started := make(chan error, 1)
	go vm.run(started)
	err = <-started
	_ = vmIn.Close()
	_ = vmOut.Close()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot start the VM: %w", err), toVM.Close(), fromVM.Close())
	}
	vm.Bridge = split.New(fromVM, toVM, options)
	return vm, nil
}

// run starts the process and waits for it on one thread: Linux sends the
// parent-death signal when the thread that spawned ends, so that thread must
// live as long as the VM. This is the one place that reaps.
func (vm *VM) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := vm.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	_ = vm.cmd.Wait()
	close(vm.exited)
}

// PID returns the process id of the VM, or of the wrapper that runs it.
func (vm *VM) PID() int { return vm.cmd.Process.Pid }

// Exited is closed once the process has ended and was reaped.
func (vm *VM) Exited() <-chan struct{} { return vm.exited }

// ExitStatus describes how the process ended, as in "exit status 1" or
// "signal: killed". Valid after Exited.
func (vm *VM) ExitStatus() string { return vm.cmd.ProcessState.String() }

// Stop tells the VM to end, closes the bridge, and returns when the process
// was reaped: after StopGrace it is sent SIGTERM, after TermGrace SIGKILL. When
// hurry is done, it skips what is left of the waiting. Safe to repeat.
func (vm *VM) Stop(hurry context.Context) {
	_ = vm.Notify(MethodStop, json.RawMessage("{}"))
	_ = vm.Close()
	for _, step := range []struct {
		wait   time.Duration
		signal syscall.Signal
	}{{StopGrace, syscall.SIGTERM}, {TermGrace, syscall.SIGKILL}} {
		if vm.waitFor(hurry, step.wait) {
			return
		}
		_ = vm.cmd.Process.Signal(step.signal)
	}
	<-vm.exited
}

func (vm *VM) waitFor(hurry context.Context, limit time.Duration) (exited bool) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-vm.exited:
		return true
	case <-timer.C:
	case <-hurry.Done():
		select {
		case <-vm.exited:
			return true
		default:
		}
	}
	return false
}
