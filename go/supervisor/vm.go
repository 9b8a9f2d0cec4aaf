// Package supervisor starts the VM process of the split mode, watches it, stops
// it and reaps it once. It also holds what both modes share: the states, the
// files beside agd, the exit codes.
package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
	"github.com/agd-bridge/agd-bridge/go/contract"
)

// Grace periods of a stop, each from the end of the one before.
const (
	// StopGrace is how long the VM may take to exit after it was asked to.
	StopGrace = 3 * time.Second
	// TermGrace is how long it may take after SIGTERM, before SIGKILL.
	TermGrace = 5 * time.Second
	// HurriedGrace replaces both after a second signal.
	HurriedGrace = 500 * time.Millisecond
)

// lastFrames is how long the bridge stays open after the VM's death for frames
// sent before. End-of-file ends that earlier, unless another process holds the
// pipe.
const lastFrames = 250 * time.Millisecond

// Options of a VM's process.
type Options struct {
	split.Options
	// Life is the VM's Lifecycle, in StateStarting.
	Life *Lifecycle
	// Wrap, if set, wraps the bridge, for example to measure it. The VM's own
	// messages pass through it too.
	Wrap func(bridge.Bridge) bridge.Bridge
	// Output, if set, receives each line that the VM or a descendant prints,
	// without its newline, from one goroutine for each stream. It must not
	// block for long, because that would block the VM.
	Output func(stream Stream, line string)
}

// VM is a running VM process and the bridge to it. The caller of Start must
// call Stop, which also closes the bridge. When the VM exits by itself, the
// bridge closes.
type VM struct {
	bridge.Bridge
	life   *Lifecycle
	cmd    *exec.Cmd
	output *output
	// strangers: this process had children before, which it must not kill.
	strangers bool
	// reaped is closed once cmd, the started process, was reaped.
	reaped chan struct{}
	// attachment has the bridge's pipes and shared memory.
	attachment *split.Attachment
	// wrapped is the VM's own process if cmd is a wrapper that runs it, else
	// nil.
	wrapped atomic.Pointer[process]
}

// process is a process that is not our child.
type process struct {
	pid    int
	exited <-chan struct{}
}

func (p *process) hasExited() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// Start starts the VM and opens the bridge. The caller must call Handshake
// next. The VM dies with this process, by a parent-death signal at the latest.
//
// This process becomes the reaper of all its descendants. Stop ends every child
// that is left then, except those that this process had before it executed this
// program, and their descendants. A program that starts other children must not
// use this package.
func Start(command []string, env []string, options Options) (*VM, error) {
	if err := becomeReaper(); err != nil {
		return nil, fmt.Errorf("cannot start the VM: %w", err)
	}
	// Without a mark (in a sandbox that has no such limit) all orphans stay
	// alive if there are strangers.
	marked := mark() == nil
	strangers := hasStrangers()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = env
	dieWithParent(cmd)
	options.Variables = split.Variables{Read: contract.EnvFromAgd, Write: contract.EnvToAgd, Memory: contract.EnvMemory}
	attachment, err := split.Attach(cmd, options.Options)
	if err != nil {
		return nil, err
	}
	output, stdout, stderr, err := newOutput(options.Output)
	if err != nil {
		return nil, errors.Join(err, attachment.Close())
	}
	cmd.Stdout, cmd.Stderr = stdout, stderr

	vm := &VM{life: options.Life, cmd: cmd, output: output, attachment: attachment, strangers: strangers, reaped: make(chan struct{})}
	started := make(chan error, 1)
	go vm.run(started)
	err = <-started
	for _, file := range []*os.File{stdout, stderr} {
		_ = file.Close()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot start the VM: %w", err), attachment.Close())
	}
	vm.Bridge = attachment.Open()
	if options.Wrap != nil {
		vm.Bridge = options.Wrap(vm.Bridge)
	}
	go vm.closeAfter(vm.reaped)
	if strangers && marked {
		go reapStrangers(vm.reaped)
	}
	return vm, nil
}

// run starts the process and waits for it on one thread. Linux sends the
// parent-death signal when the thread that spawned the process exits, so that
// thread must live as long as the VM. This is the only place that reaps the
// process.
func (vm *VM) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := vm.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	_ = vm.cmd.Wait()
	vm.output.finish()
	close(vm.reaped)
}

// closeAfter closes the bridge when a process of the VM has exited, even if
// another process holds the pipe and there is no end-of-file.
func (vm *VM) closeAfter(exited <-chan struct{}) {
	<-exited
	select {
	case <-vm.Closed():
	case <-time.After(lastFrames):
		_ = vm.Close()
	}
}

// Handshake makes the handshake and returns the VM's Hello. It fails when ctx
// is done or the VM has exited. If the VM runs below a wrapper, its own process
// is watched afterwards, too.
func (vm *VM) Handshake(ctx context.Context, software string) (bridge.Hello, error) {
	hello, err := bridge.Handshake(ctx, vm, software)
	if err != nil {
		return hello, err
	}
	// A wrapper may have created a pid namespace; then the number means nothing
	// here.
	if hello.PID != vm.cmd.Process.Pid && isBelow(hello.PID, vm.cmd.Process.Pid) {
		if exited, err := awaitExit(hello.PID); err == nil {
			vm.wrapped.Store(&process{hello.PID, exited})
			go vm.closeAfter(exited)
		}
	}
	vm.life.Enter(StateRunning)
	return hello, nil
}

// SharesMemory reports whether the VM has switched to the shared memory, which
// it does with its first frame.
func (vm *VM) SharesMemory() bool { return vm.attachment.SharesMemory() }

// MemoryError returns why the VM could not be offered shared memory; nil if it
// was, or if only pipes were wanted.
func (vm *VM) MemoryError() error { return vm.attachment.MemoryError() }

// PID returns the process id of the VM. Before the handshake it is the
// wrapper's, if there is one.
func (vm *VM) PID() int {
	if own := vm.wrapped.Load(); own != nil {
		return own.pid
	}
	return vm.cmd.Process.Pid
}

// LastWords returns how the process exited, such as "exit status 1" or "signal:
// killed", and the last lines of its standard error. It waits for the exit at
// most for limit; after that, how is empty, or says that a wrapper outlived its
// VM.
func (vm *VM) LastWords(limit time.Duration) (how string, stderr []string) {
	if vm.wasReaped(limit) {
		how = vm.cmd.ProcessState.String()
	} else if own := vm.wrapped.Load(); own != nil && own.hasExited() {
		how = fmt.Sprintf("process %d ended below its wrapper", own.pid)
	}
	return how, vm.output.lastLines()
}

// Stopped reports whether a stop signal ended the process before the VM could
// report the signal. It waits for the exit at most for limit.
func (vm *VM) Stopped(limit time.Duration) bool {
	if !vm.wasReaped(limit) || vm.cmd.ProcessState == nil {
		return false
	}
	if status, ok := vm.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		switch status.Signal() {
		case syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP:
			return true
		}
	}
	return vm.cmd.ProcessState.ExitCode() == ExitSignal
}

func (vm *VM) wasReaped(limit time.Duration) bool {
	select {
	case <-vm.reaped:
		return true
	default:
	}
	select {
	case <-vm.reaped:
		return true
	case <-time.After(limit):
		return false
	}
}

// Stop asks the VM to exit, closes the bridge, and returns when the VM and all
// its descendants have exited and were reaped. It escalates: SIGTERM after
// StopGrace, SIGKILL after TermGrace. When hurry is done, HurriedGrace replaces
// both. The same holds for a wrapper whose VM has exited. Once per VM; a later
// call returns at once.
func (vm *VM) Stop(hurry context.Context) {
	if !vm.life.Enter(StateStopping) {
		return
	}
	_ = vm.Notify(contract.MethodStopVM, json.RawMessage("{}"))
	_ = vm.Close()
	_ = vm.attachment.Close()
	for _, step := range []struct {
		wait   time.Duration
		signal syscall.Signal
	}{{StopGrace, syscall.SIGTERM}, {TermGrace, syscall.SIGKILL}} {
		if vm.waitFor(hurry, step.wait) {
			break
		}
		vm.signal(step.signal)
	}
	<-vm.reaped
	endOrphans(vm.strangers)
	vm.life.Enter(StateEnded)
}

// signal signals the VM and its wrapper, which may not forward signals.
func (vm *VM) signal(signal syscall.Signal) {
	if own := vm.wrapped.Load(); own != nil && isBelow(own.pid, os.Getpid()) {
		kill(own.pid, signal)
	}
	_ = vm.cmd.Process.Signal(signal)
}

// waitFor waits at most limit for the started process to be reaped. Once hurry
// is done or a wrapper's VM has exited, it waits at most HurriedGrace longer.
func (vm *VM) waitFor(hurry context.Context, limit time.Duration) (reaped bool) {
	var ownExited <-chan struct{} // never, if there is no wrapper
	if own := vm.wrapped.Load(); own != nil {
		ownExited = own.exited
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-vm.reaped:
		return true
	case <-timer.C:
		return false
	case <-ownExited:
	case <-hurry.Done():
	}
	return vm.wasReaped(min(limit, HurriedGrace))
}
