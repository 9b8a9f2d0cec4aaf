package bridge

// Queue is what waits in one of a bridge's queues, at one moment.
type Queue struct {
	// Name is QueueInbound or QueueOutbound.
	Name string
	// Messages and Bytes count what waits; Limits.MaxQueuedBytes bounds the
	// bytes.
	Messages, Bytes int
}

// Names of queues.
const (
	// QueueInbound has what has arrived and waits for its handler.
	QueueInbound = "inbound"
	// QueueOutbound has what was sent and the carrier has not taken yet.
	QueueOutbound = "outbound"
)

// Queued is a Bridge that tells what waits in its queues: those that
// are in Go's memory. Queues may be called from any goroutine, and after the
// end.
type Queued interface {
	Queues() []Queue
}
