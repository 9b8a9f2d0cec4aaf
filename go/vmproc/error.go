package vmproc

// Error is an error that the VM's end explains, with the VM's last output.
type Error struct {
	err error
	// Said are the last lines of the VM's standard error.
	Said []string
}

func (e *Error) Error() string { return e.err.Error() }

// Unwrap returns the error without the VM's output.
func (e *Error) Unwrap() error { return e.err }
