// Package inproc is the Bridge of a Go library that a Node process hosts. The
// addon of packages/bridge-inproc calls the functions that this package exports
// to C (agdbridge.h). Frames cross as bytes, through the same codec and engine
// as in the split backend.
//
// Import it from main packages that are built with -buildmode=c-shared:
//
//	func init() { inproc.Serve(bridge.Options{Software: "hello 1.0.0"}, run) }
//	func main() {} // never runs
//
// Node owns the process. A library must not install signal handlers
// (os/signal), because a signal that Go takes never reaches Node again; it
// receives Node's signals from Signals. It must not change the working
// directory. It must not call os.Exit while JavaScript can still end the
// process, because os.Exit skips Node's own shutdown.
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
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// Start returns the options and the program of a new bridge. An error refuses
// the bridge, and openInproc throws it in JavaScript. Start runs on
// JavaScript's thread and must not block.
type Start func(config json.RawMessage) (bridge.Options, bridge.Program, error)

// PanicExitCode is the exit code of a program that panicked, as with any Go
// program.
const PanicExitCode = 2

// Serve sets the program of this library, for every bridge that JavaScript
// opens. Call it once, from the main package's init. The program runs in its
// own goroutine. If Options.Software is set, the handshake is made before;
// otherwise the program makes it. When the program returns, the bridge closes and JavaScript receives its
// exit code and its error's message. A panic counts as PanicExitCode, with its
// stack on stderr.
func Serve(o bridge.Options, program bridge.Program) {
	ServeEach(func(json.RawMessage) (bridge.Options, bridge.Program, error) { return o, program, nil })
}

// introduced returns a program that makes the handshake, if Software is set, and
// then runs run.
func introduced(o bridge.Options, run bridge.Program) bridge.Program {
	if o.Software == "" {
		return run
	}
	return func(ctx context.Context, b bridge.Bridge, config json.RawMessage) (exitCode int, err error) {
		if _, err := bridge.Handshake(ctx, b, o.Software, o.Capabilities...); err != nil {
			return 1, err
		}
		return run(ctx, b, config)
	}
}

// ServeEach is Serve with options and a program that depend on the config of
// each bridge.
func ServeEach(start Start) {
	if !library.serve(start) {
		panic("inproc: Serve was called twice")
	}
}

// library is the process's only registry: a C library's exported functions find
// their bridges through a global.
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

// find returns nil for a handle that was never issued or whose bridge has
// ended.
func (r *registry) find(handle uint64) *session {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.sessions[handle]
}

// open opens a bridge that sends to host.
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
	s.peer = peer.NewSpinning(s, options)

	r.mu.Lock()
	r.last++
	handle := r.last
	r.sessions[handle] = s
	r.mu.Unlock()

	go s.main(introduced(options, run), config, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.sessions, handle)
	})
	return handle, nil
}

// host is JavaScript's side of one bridge: the three callbacks of agdbridge.h.
// The error of frame is a fullError, or means that JavaScript has closed the
// bridge.
type host interface {
	frame(frame []byte) error
	closed()
	exit(exitCode int, message string)
}

// session is one open bridge. It is the engine's transport.
type session struct {
	host host
	peer *peer.Peer

	mu     sync.Mutex // serialises the callbacks; guards closed
	closed bool
}

var _ peer.Transport = (*session)(nil)

// Send appends one frame to JavaScript's queue. It does not block.
func (s *session) Send(frame []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil // the engine knows
	}
	err := s.host.frame(frame)
	if err == nil {
		jsonrpc1.Recycle(frame) // it was copied
	}
	var full fullError
	if !errors.As(err, &full) {
		return err
	}
	most := s.peer.Limits().MaxQueuedBytes
	return &bridge.LocalError{Message: peer.QueueFault(s.peer.To(), most-full.room, len(frame), most)}
}

// fullError reports that a frame was refused, and how many bytes there is room
// for.
type fullError struct{ room int }

func (e fullError) Error() string { return fmt.Sprintf("there is room for %d bytes", e.room) }

// Close reports to JavaScript that no more frames follow. The engine calls it
// once.
func (s *session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		s.host.closed()
	}
	return nil
}

// exit makes the last callback of this bridge.
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

// main runs the program and then ends the session. It calls forget after the
// bridge has closed, before JavaScript learns of the exit.
func (s *session) main(run bridge.Program, config json.RawMessage, forget func()) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-s.peer.Closed()
		cancel()
	}()
	// These values remain if run does not return: runtime.Goexit, as in
	// testing's FailNow.
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
