package main

import (
	"fmt"
	"io"
	"net/rpc"
	"net/rpc/jsonrpc"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// The VM's descriptors; 3 stays closed, because Node uses it.
	fdFromAgd = 4
	fdToAgd   = 5

	// How long upstream waits for the VM after closing its pipe, before SIGINT.
	terminateGrace = 3 * time.Second
	// How long after that until SIGKILL.
	killGrace = 5 * time.Second
)

// A vm is a running agvm, with Go's own JSON-RPC client connected to it.
type vm struct {
	client *rpc.Client
	cmd    *exec.Cmd
	toVM   io.WriteCloser
}

// startVM starts agvm the way upstream does, and serves the methods of server
// to it, by Go's own JSON-RPC server.
func startVM(binary string, args []string, server *rpc.Server, t *trace) (*vm, error) {
	fromVM, vmToAgd, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	vmFromAgd, toVM, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(binary, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{nil, vmFromAgd, vmToAgd}
	cmd.Env = append(
		os.Environ(),
		fmt.Sprintf("AGVM_FROM_AGD=%d", fdFromAgd),
		fmt.Sprintf("AGVM_TO_AGD=%d", fdToAgd),
	)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	_ = vmFromAgd.Close()
	_ = vmToAgd.Close()

	out := &traced{pipe: toVM, trace: t.frames("agvm")}
	clientSide, serverSide := demux(io.TeeReader(fromVM, t.frames("agd")), out)
	go server.ServeCodec(jsonrpc.NewServerCodec(serverSide))
	return &vm{jsonrpc.NewClient(clientSide), cmd, out}, nil
}

// traced traces its writes to a pipe, in the same order.
type traced struct {
	mu    sync.Mutex
	pipe  io.WriteCloser
	trace io.Writer
}

func (w *traced) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.trace.Write(p); err != nil {
		return 0, err
	}
	return w.pipe.Write(p)
}

func (w *traced) Close() error { return w.pipe.Close() }

// An ending is how the VM ended.
type ending struct {
	ExitCode int `json:"exitCode"`
	// Milliseconds from the closing of its pipe.
	Millis int64 `json:"millis"`
	// Whether a signal was needed.
	Signalled bool `json:"signalled"`
}

// stop closes the VM's pipe and waits for its exit, with upstream's grace
// periods.
func (v *vm) stop() ending {
	start := time.Now()
	_ = v.toVM.Close()
	return v.wait(start)
}

func (v *vm) wait(start time.Time) ending {
	interrupt, kill := v.escalate()
	_ = v.cmd.Wait() // its error repeats the exit code
	kill.Stop()
	return ending{
		ExitCode:  v.cmd.ProcessState.ExitCode(),
		Millis:    time.Since(start).Milliseconds(),
		Signalled: !interrupt.Stop(),
	}
}

// escalate sends the VM upstream's signals after their grace periods, until the
// timers are stopped.
func (v *vm) escalate() (interrupt, kill *time.Timer) {
	return time.AfterFunc(terminateGrace, func() { _ = v.cmd.Process.Signal(os.Interrupt) }),
		time.AfterFunc(terminateGrace+killGrace, func() { _ = v.cmd.Process.Kill() })
}

// children returns the process ids of the VM's child processes.
func (v *vm) children() []int {
	pid := v.cmd.Process.Pid
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	var pids []int
	for _, field := range strings.Fields(string(text)) {
		if pid, err := strconv.Atoi(field); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
