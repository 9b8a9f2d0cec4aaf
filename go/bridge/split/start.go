package split

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// lastFrames is how long the bridge stays open after the program's exit, for
// frames sent before. The end of the pipe closes it earlier, unless another
// process holds the pipe.
const lastFrames = 250 * time.Millisecond

// lastOutput is how long Stop waits, after the program's exit, for output that
// this process copies, unless cmd.WaitDelay says otherwise. Another process may
// hold the program's standard output.
const lastOutput = time.Second

// Process is a started Node.js, or another program, and the bridge to it. The
// caller of Start must call Stop. When the program exits by itself, the bridge
// closes.
type Process struct {
	bridge.Bridge
	hello      bridge.Hello
	attachment *Attachment
	grace      time.Duration
	cmd        *exec.Cmd
	// exited is closed once err, the result of cmd.Wait, is known.
	exited chan struct{}
	err    error
	stop   sync.Once
}

// Start starts a program such as Node.js, opens a bridge to it and makes the
// handshake. In Node.js, openBridge of packages/bridge-open opens the other end.
//
// The program gets two pipes and shared memory as Attach describes. If cmd.Stdout
// or cmd.Stderr is nil, the program writes to this process's own. On Linux the
// program dies with this process, even in the middle of a call: Start sets
// cmd.SysProcAttr.Pdeathsig, unless it is set. Start also sets cmd.WaitDelay,
// unless it is set, so that Stop returns although a child of the program holds
// an output that is not an *os.File.
//
// ctx bounds the start and the handshake only. The error says how the program
// exited, if it did.
func Start(ctx context.Context, cmd *exec.Cmd, o Options) (*Process, error) {
	name := filepath.Base(cmd.Path)
	if o.Software == "" {
		return nil, &bridge.LocalError{Message: "cannot start " + name + ": Options.Software is empty: set this program's name and version"}
	}
	o.PeerName = cmp.Or(o.PeerName, name)
	attachment, err := Attach(cmd, o)
	if err != nil {
		return nil, err
	}
	if cmd.Stdout == nil {
		cmd.Stdout = os.Stdout
	}
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	cmd.WaitDelay = cmp.Or(cmd.WaitDelay, lastOutput)
	dieWithParent(cmd)
	p := &Process{attachment: attachment, grace: cmp.Or(o.Grace, DefaultGrace), cmd: cmd, exited: make(chan struct{})}
	started := make(chan error)
	go p.run(started)
	if err := <-started; err != nil {
		return nil, errors.Join(fmt.Errorf("cannot start %s: %w", name, err), attachment.Close())
	}
	p.Bridge = attachment.Open()
	go p.closeAfterExit()
	if p.hello, err = bridge.Handshake(ctx, p, o.Software, o.Capabilities...); err != nil {
		exit := p.Stop()
		if exit != nil && ctx.Err() == nil {
			err = fmt.Errorf("%w (%w)", err, exit)
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

// Run starts Node.js, runs this side's program on the bridge, and stops
// Node.js. ctx bounds the start, and is the parent of the program's ctx. The
// result is the program's; exitCode is 1 if the start failed. If the program
// fails because Node.js is gone, err says how Node.js exited.
func Run(ctx context.Context, cmd *exec.Cmd, o Options, program bridge.Program) (exitCode int, err error) {
	p, err := Start(ctx, cmd, o)
	if err != nil {
		return 1, err
	}
	defer p.Stop() // also if the program panics
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		<-p.Closed()
		cancel()
	}()
	exitCode, err = program(ctx, p, nil)
	exit := p.Stop()
	var closed *bridge.ClosedError
	if errors.As(err, &closed) && exit != nil {
		err = fmt.Errorf("%w (%s: %w)", err, filepath.Base(cmd.Path), exit)
	}
	return exitCode, err
}

// run starts the program and waits for it, on one thread: Linux sends the
// parent-death signal when the thread that started the program exits.
func (p *Process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err == nil {
		p.err = p.cmd.Wait()
		close(p.exited)
	}
}

func (p *Process) closeAfterExit() {
	<-p.exited
	select {
	case <-p.Closed():
	case <-time.After(lastFrames):
		_ = p.Close()
	}
}

// Peer returns the program's introduction in the handshake.
func (p *Process) Peer() bridge.Hello { return p.hello }

// SharesMemory reports whether frames travel through shared memory. If not, this
// system or the program does not support it, and frames use the pipes.
func (p *Process) SharesMemory() bool { return p.attachment.SharesMemory() }

// MemoryError returns a *MemoryError if this system could not make shared
// memory; nil with MemoryNone.
func (p *Process) MemoryError() error { return p.attachment.MemoryError() }

// Exited is closed when the program has exited.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Stop closes the bridge, waits at most Options.Grace for the program to exit,
// then kills it. It returns how the program exited: nil, or an *exec.ExitError
// such as "exit status 1" or "signal: killed". Idempotent and safe for
// concurrent use. A handler must not call it.
func (p *Process) Stop() error {
	p.stop.Do(func() {
		_ = p.Close()
		select {
		case <-p.exited:
		case <-time.After(p.grace):
			_ = p.cmd.Process.Kill()
			<-p.exited
		}
		_ = p.attachment.Close()
	})
	return p.err
}
