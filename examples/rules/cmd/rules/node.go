package main

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
)

// nodeGrace is how long Node may take to exit once its bridge has closed.
const nodeGrace = 3 * time.Second

// nodeProcess is Node in a process of its own, and the bridge to it.
type nodeProcess struct {
	bridge bridge.Bridge
	cmd    *exec.Cmd
	exited chan struct{}
}

// startNode starts a program with two pipes on its descriptors 4 and 5
// (docs/protocol.md). It dies with this process, even in the middle of a call.
func startNode(argv []string) (*nodeProcess, error) {
	theirIn, out, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	in, theirOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, theirIn.Close(), out.Close())
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{nil, theirIn, theirOut} // 3, 4, 5
	cmd.Env = append(os.Environ(), "AGVM_FROM_AGD=4", "AGVM_TO_AGD=5")
	// A process group of its own, so that Ctrl-C reaches only this process,
	// which stops Node.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}

	node := &nodeProcess{cmd: cmd, exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		// Linux sends Pdeathsig when the thread that started the child exits.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // status has the result
			close(node.exited)
		}
	}()
	err = <-started
	// Only Node may hold these ends. Otherwise neither side would see the end
	// of file.
	_ = theirIn.Close()
	_ = theirOut.Close()
	if err != nil {
		return nil, errors.Join(err, in.Close(), out.Close())
	}
	node.bridge = split.New(in, out, split.Options{PeerName: "node"})
	return node, nil
}

// wait returns when Node has exited, as it does once its bridge has closed. It
// kills Node after nodeGrace.
func (n *nodeProcess) wait() {
	select {
	case <-n.exited:
	case <-time.After(nodeGrace):
		_ = n.cmd.Process.Kill()
		<-n.exited
	}
}

// status returns how Node exited, such as "exit status 1" or "signal: killed".
// Valid after wait.
func (n *nodeProcess) status() string { return n.cmd.ProcessState.String() }
