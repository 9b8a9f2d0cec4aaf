package bridge

// Limits are the limits of one bridge. Names and defaults are those of
// TypeScript (packages/bridge/src/limits.ts).
type Limits struct {
	// MaxFrameBytes is the longest frame in either direction, in bytes, without
	// its newline.
	MaxFrameBytes int
	// MaxNesting is the deepest nesting of arrays and objects in a frame.
	MaxNesting int
	// MaxPendingCalls is the maximum number of calls of one side that wait for
	// a response.
	MaxPendingCalls int
	// MaxQueuedBytes is the maximum number of bytes of inbound frames that wait
	// for their handler to start, and of outbound frames that wait to be
	// written.
	MaxQueuedBytes int
}

// DefaultLimits returns the default limits of both languages.
func DefaultLimits() Limits {
	return Limits{
		MaxFrameBytes:   64 << 20,
		MaxNesting:      512,
		MaxPendingCalls: 16_384,
		MaxQueuedBytes:  256 << 20,
	}
}
