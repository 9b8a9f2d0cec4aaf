package bridge

// The four kinds of failure. The same failure gives the same kind and the
// same message on every backend, and in TypeScript (packages/bridge/src/errors.ts).

// RemoteError says that the peer's handler failed; Message is its own.
type RemoteError struct{ Message string }

func (e *RemoteError) Error() string { return e.Message }

// ProtocolError says that the peer broke the wire's rules. It is fatal: the
// bridge closes.
type ProtocolError struct{ Message string }

func (e *ProtocolError) Error() string { return e.Message }

// ClosedError says that the bridge is closed, by either side.
type ClosedError struct{ Message string }

func (e *ClosedError) Error() string { return e.Message }

// LocalError is the caller's own mistake, or a limit of this side. Nothing
// was sent.
type LocalError struct{ Message string }

func (e *LocalError) Error() string { return e.Message }
