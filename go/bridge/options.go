package bridge

// Options of one side of a bridge, for every backend. The zero value is valid,
// except where a function requires a Software.
type Options struct {
	// Limits bound the bridge; a zero field means its default.
	Limits Limits
	// Handlers are registered before the first message arrives. A handler must
	// not end its goroutine (runtime.Goexit, testing's FailNow).
	Handlers map[string]Handler
	// PeerName names the peer in errors, as in "from node: byte 7: …"; default
	// "peer".
	PeerName string
	// Exclusive are the peer's methods that exclude each other: while a call of
	// one is pending, a call of another is a *LocalError.
	Exclusive []string
	// Requests are methods that the peer must call as requests, so that it
	// reads the response. A notification of one is a protocol error.
	Requests []string
	// Trace, if set, receives every frame, in order for each direction, before
	// it is handled or passed to the carrier. It must not keep or change the
	// frame, call the bridge, or block. Calls for the two directions may
	// overlap.
	Trace func(d Direction, frame []byte)

	// Software is the name and version of this program, such as "hello 1.0.0",
	// for a function that makes the handshake: split.Start, split.Run,
	// inproc.Serve.
	Software string
	// Capabilities are this side's features in that handshake.
	Capabilities []string
}
