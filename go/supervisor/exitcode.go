package supervisor

// Exit codes of agd, in both modes. docs/architecture.md has the table for
// users; packages/agvm/src/exit-codes.ts has the VM's own.
const (
	ExitOK = 0
	// ExitFailure: the command failed: bad usage, bad input, or a node that
	// could not start.
	ExitFailure = 1
	// ExitHalted: start reached halt-height or halt-time.
	ExitHalted = 97
	// ExitSignal: start was stopped by a signal.
	ExitSignal = 98
	// ExitUnasked: start ended without a stop signal: the VM died, or a block
	// failed.
	ExitUnasked = 99
)

// ExitError is an error with the exit code that it asks for.
type ExitError struct {
	Code int
	Err  error
}

func (e *ExitError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *ExitError) Unwrap() error { return e.Err }
