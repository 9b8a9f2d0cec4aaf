// Package variables has the names of the environment variables by which Go tells
// Node.js what carries the bridge. The twin in TypeScript is defaultVariables of
// packages/bridge-open.
package variables

const (
	// Read is the descriptor of the pipe that Node.js reads from.
	Read = "BRIDGE_READ_FD"
	// Write is the descriptor of the pipe that Node.js writes to.
	Write = "BRIDGE_WRITE_FD"
	// Memory is the descriptor of the shared memory.
	Memory = "BRIDGE_MEMORY_FD"
	// Library is the path of the Go library that Node.js loads.
	Library = "BRIDGE_LIBRARY"
)
