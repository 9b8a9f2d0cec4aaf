package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// Exit codes of upstream's agd. It starts what leads to each of them at the
// same time; the first decides.
const (
	// The SDK's own end, after a signal.
	exitEnded = 0
	// A panic: a call to the VM has failed.
	exitPanic = 2
	// The handler of the signal has waited for the VM.
	exitSignal = 98
	// The VM has exited.
	exitVMDied = 99
)

// nodeEnd is how long upstream's agd takes to end CometBFT and its stores.
const nodeEnd = 400 * time.Millisecond

// endAsUpstream ends this program as upstream's agd ends, in three ways at once:
// at the VM's exit; at a signal, once the VM has exited; and at a signal, once
// the SDK has ended the node, which waits for the running call. The program
// prints how it ends.
func (p *peer) endAsUpstream() {
	exited := make(chan struct{})
	go func() {
		_ = p.cmd.Wait() // its error repeats the exit code
		close(exited)
		exit(exitVMDied, "the VM has exited")
	}()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-signals
		go func() {
			time.Sleep(nodeEnd)
			p.running.Lock()
			exit(exitEnded, "the node has ended")
		}()
		_ = p.toVM.Close()
		p.escalate()
		<-exited
		exit(exitSignal, "the VM has exited after a signal")
	}()
}

// mustAct sends an action as upstream does, which panics if it fails.
func (p *peer) mustAct(kind string, height int, members map[string]any) {
	p.running.Lock()
	defer p.running.Unlock()
	call := p.sendAction(kind, height, members)
	fmt.Printf("sent: %s\n", kind)
	if _, err := call.wait(); err != nil {
		exit(exitPanic, fmt.Sprintf("panic: %s: %v", kind, err))
	}
}

var once sync.Mutex

// exit prints the reason and ends the program; of several callers the first.
func exit(code int, reason string) {
	once.Lock() // never unlocked
	fmt.Printf("agd ends: %s\n", reason)
	os.Exit(code)
}

const readyToStop = "ready to be stopped"

// stoppedInInit is stopped while it waits for INIT: when that was sent, or when
// the kernel makes its first downcall.
func stoppedInInit(p *peer, height int) (any, error) {
	p.endAsUpstream()
	p.chain.onDowncall = sync.OnceFunc(func() { fmt.Println("the kernel runs") })
	p.mustAct("AG_COSMOS_INIT", max(height, 1), initMembers(height))
	return nil, errors.New("INIT has ended: the signal came too late")
}

// stoppedBetweenBlocks is stopped when no call runs.
func stoppedBetweenBlocks(p *peer, height int) (any, error) {
	p.endAsUpstream()
	p.mustAct("AG_COSMOS_INIT", max(height, 1), initMembers(height))
	if err := p.block(height+1, balance{alice, "uist", "1"}); err != nil {
		return nil, err
	}
	fmt.Println(readyToStop)
	select {}
}

// stoppedInBlock is stopped while the kernel waits for a downcall, which is
// never answered.
func stoppedInBlock(p *peer, height int) (any, error) {
	p.endAsUpstream()
	p.mustAct("AG_COSMOS_INIT", max(height, 1), initMembers(height))
	p.chain.onBalanceRead = func(string) error {
		fmt.Println(readyToStop)
		select {}
	}
	p.chain.change(height+1, balance{alice, "uist", "1"})
	p.mustAct("BEGIN_BLOCK", height+1, map[string]any{"params": params})
	p.mustAct("END_BLOCK", height+1, nil)
	return nil, errors.New("END_BLOCK has ended")
}
