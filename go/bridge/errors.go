package bridge

// The four kinds of failure. The same failure has the same kind and the same
// message on every backend, and in TypeScript (packages/bridge/src/errors.ts).

// RemoteError means that the peer's handler failed. Message is the handler's
// message.
type RemoteError struct{ Message string }

func (e *RemoteError) Error() string { return e.Message }

// ProtocolError means that the peer violated the protocol. It is fatal: the
// bridge closes.
type ProtocolError struct{ Message string }

func (e *ProtocolError) Error() string { return e.Message }

// ClosedError means that either side has closed the bridge.
type ClosedError struct{ Message string }

func (e *ClosedError) Error() string { return e.Message }

// LocalError means that the caller made a mistake or exceeded a limit of this
// side. Nothing was sent.
type LocalError struct{ Message string }

func (e *LocalError) Error() string { return e.Message }
