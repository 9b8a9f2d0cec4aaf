package split

import (
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/variables"
)

// Options of a program that Attach gives a bridge, or that Start starts. The
// zero value is valid for Attach. Start needs a Software.
type Options struct {
	bridge.Options

	// Variables are the environment variables that name the program's
	// descriptors; an empty name means its default.
	Variables Variables
	// Memory is the shared memory that the program is offered. The default is
	// MemoryAuto.
	Memory Memory
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
	return Variables{Read: variables.Read, Write: variables.Write, Memory: variables.Memory}
}
