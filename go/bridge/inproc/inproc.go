// Package inproc is the Bridge of a Go library that a Node process hosts. The
// addon of packages/bridge-inproc calls the functions that this package
// exports to C (agdbridge.h); frames cross as bytes, in the same codec and
// through the same engine as in the split backend.
//
// Import it from main packages that are built with -buildmode=c-shared:
//
//	func init() { inproc.Serve(run) }
//	func main() {} // never runs
//
// The process belongs to Node. A library must not take signals (os/signal): a
// handler that Go takes never reaches Node again; Signals shows them to it. Nor
// may it change the working directory, or call os.Exit, which skips Node's own
// end, as long as JavaScript may yet end the process.
package inproc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/peer"
)

// Options are the options of one bridge; the zero value is the defaults.
type Options = peer.Options

// Run is the Go side of one bridge, in a goroutine of its own. It registers
// its handlers, then speaks first (bridge.Handshake). config is what
// JavaScript opened the bridge with, as JSON.
//
// ctx ends when the bridge closes, by either side. When Run returns, the
// bridge closes, and JavaScript is told exitCode and err's message: what the
// process should exit with, and why. A panic counts as exit code 2, with its
// stack on stderr.
type Run func(ctx context.Context, b bridge.Bridge, config json.RawMessage) (exitCode int, err error)

// Start gives a new bridge its options and its program. An error refuses the
// bridge: openInproc throws it in JavaScript. It is called on JavaScript's
// thread and must not block.
type Start func(config json.RawMessage) (Options, Run, error)

// PanicExitCode is the exit code of a Run that panicked, as with any Go program.
const PanicExitCode = 2

// Serve names the program of this library, for every bridge that JavaScript
// opens. Call it once, from the main package's init.
func Serve(run Run) {
	ServeEach(func(json.RawMessage) (Options, Run, error) { return Options{}, run, nil })
}

// ServeEach is Serve with options and a program of each bridge's own.
func ServeEach(start Start) {
	if !library.serve(start) {
		panic("inproc: Serve was called twice")
	}
}

// library is the one thing that a C library cannot have more than once: what
// its exported functions find their bridges in.
var library registry

type registry struct {
	mu       sync.RWMutex
	start    Start
	last     uint64
	sessions map[uint64]*session
}

func (r *registry) serve(start Start) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.start != nil {
		return false
	}
	r.start = start
	r.sessions = make(map[uint64]*session)
	return true
}

// find returns nil for a handle that was never given out or has ended.
func (r *registry) find(handle uint64) *session {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.sessions[handle]
}

// open starts a bridge that sends to host.
func (r *registry) open(config json.RawMessage, h host) (uint64, error) {
	r.mu.RLock()
	start := r.start
	r.mu.RUnlock()
	if start == nil {
		return 0, errors.New("the library has no program: its main package must call inproc.Serve from init")
	}
	options, run, err := start(config)
	if err != nil {
		return 0, err
	}
	s := &session{host: h}
	options.Spins = true
	s.peer = peer.New(s, options)

	r.mu.Lock()
	r.last++
	handle := r.last
	r.sessions[handle] = s
	r.mu.Unlock()

	go s.main(run, config, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.sessions, handle)
	})
	return handle, nil
}

// host is JavaScript's side of one bridge: the three callbacks of agdbridge.h.
// The error of frame is a fullError, or means that JavaScript has closed.
type host interface {
	frame(frame []byte) error
	closed()
	exit(exitCode int, message string)
}

// session is one open bridge: the engine's transport.
type session struct {
	host host
	peer *peer.Peer

	mu     sync.Mutex // serialises the callbacks; guards closed
	closed bool
}

var _ peer.Transport = (*session)(nil)

// Send hands one frame to JavaScript's queue. It does not wait.
func (s *session) Send(frame []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil // the engine knows
	}
	err := s.host.frame(frame)
	var full fullError
	if !errors.As(err, &full) {
		return err
	}
	most := s.peer.Limits().MaxQueuedBytes
	return &bridge.LocalError{Message: peer.QueueFault(s.peer.To(), most-full.room, len(frame), most)}
}

// fullError says that a frame was not taken, and how many bytes would be.
type fullError struct{ room int }

func (e fullError) Error() string { return fmt.Sprintf("there is room for %d bytes", e.room) }

// Close tells JavaScript that no frame follows. The engine calls it once.
func (s *session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		s.host.closed()
	}
	return nil
}

// exit is the last that JavaScript hears of this bridge.
func (s *session) exit(exitCode int, err error) {
	_ = s.Close() // the engine may be in the middle of it, in another goroutine
	s.mu.Lock()
	defer s.mu.Unlock()
	message := ""
	if err != nil {
		message = err.Error()
	}
	s.host.exit(exitCode, message)
}

// main runs the program and ends the session with it: forget is called with the
// bridge closed, before JavaScript hears of the end.
func (s *session) main(run Run, config json.RawMessage, forget func()) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-s.peer.Closed()
		cancel()
	}()
	// What remains if run does not return: runtime.Goexit, as in testing's FailNow.
	exitCode, err := PanicExitCode, errors.New("the program ended by runtime.Goexit")
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			fmt.Fprintf(os.Stderr, "%v\n\n%s", err, debug.Stack())
		}
		_ = s.peer.Close()
		forget()
		s.exit(exitCode, err)
	}()
	exitCode, err = run(ctx, s.peer, config)
}

var errPeerClosed = &bridge.ClosedError{Message: "bridge closed by the peer"}
