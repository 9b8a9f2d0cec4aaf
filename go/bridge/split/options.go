package split

import (
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/peer"
)

// Options of a split bridge. The zero value is valid for New and Attach; Start
// needs a Software.
type Options struct {
	// Limits bound the bridge; a zero field means its default.
	Limits bridge.Limits
	// Handlers are registered before the first message arrives. A handler must
	// not end its goroutine (runtime.Goexit, testing's FailNow).
	Handlers map[string]bridge.Handler
	// PeerName names the peer in errors, as in "from node: byte 7: …"; default
	// "peer".
	PeerName string
	// Exclusive are methods of the peer of which one may run at a time. While
	// one is pending, a call of another is a *bridge.LocalError.
	Exclusive []string
	// Requests are methods that the peer must call as requests, so that it
	// reads the response. A notification of one is a protocol error.
	Requests []string
	// Trace, if set, receives every frame, in order for each direction, before
	// it is handled or passed to the carrier. It must not keep or change the
	// frame, call the bridge, or block. Calls for the two directions may
	// overlap.
	Trace func(d bridge.Direction, frame []byte)

	// Variables, for Attach and Start, are the environment variables that name
	// the program's descriptors; an empty name means its default.
	Variables Variables
	// Memory, for Attach and Start, is the shared memory that the program is
	// offered. The default is MemoryAuto.
	Memory Memory

	// Software, for Start, is the name and version of this program in the
	// handshake, such as "hello 1.0.0". Required.
	Software string
	// Capabilities, for Start, are this side's features beyond the protocol.
	Capabilities []string
	// Grace, for Start, is how long the program may take to exit after Stop has
	// closed the bridge; then Stop kills it. Default DefaultGrace.
	Grace time.Duration
}

// DefaultGrace is the default of Options.Grace.
const DefaultGrace = 3 * time.Second

// Memory says whether a program is offered shared memory beside its pipes. The
// program switches to shared memory if it supports it; SharesMemory reports
// whether it did.
type Memory int

const (
	// MemoryAuto offers shared memory if this system can make it.
	MemoryAuto Memory = iota
	// MemoryNone offers the pipes alone.
	MemoryNone
	// MemoryRequired is an error if this system cannot make shared memory.
	MemoryRequired
)

// Variables are names of environment variables, each with the number of a
// descriptor. The twin in TypeScript is Variables of packages/bridge-open.
type Variables struct {
	// Read is the pipe that the program reads from.
	Read string
	// Write is the pipe that the program writes to.
	Write string
	// Memory is the shared memory; unset if none is offered.
	Memory string
}

// DefaultVariables returns the names that openBridge of packages/bridge-open
// reads by default.
func DefaultVariables() Variables {
	return Variables{Read: "BRIDGE_READ_FD", Write: "BRIDGE_WRITE_FD", Memory: "BRIDGE_MEMORY_FD"}
}

func (o Options) peer() peer.Options {
	return peer.Options{
		Limits: o.Limits, Handlers: o.Handlers, PeerName: o.PeerName,
		Exclusive: o.Exclusive, Requests: o.Requests, Trace: o.Trace,
	}
}
