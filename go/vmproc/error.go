package vmproc

// Error is an error that the VM's end explains, with what the VM said last.
type Error struct {
	err error
	// Said are the last lines of the VM's standard error.
	Said []string
}

func (e *Error) Error() string { return e.err.Error() }

// Unwrap returns the error without what the VM said.
func (e *Error) Unwrap() error { return e.err }
