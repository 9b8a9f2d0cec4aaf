package bridge

// Queue is a snapshot of one of a bridge's queues.
type Queue struct {
	// Name is QueueInbound or QueueOutbound.
	Name string
	// Messages and Bytes are the length of the queue. Limits.MaxQueuedBytes
	// bounds Bytes.
	Messages, Bytes int
}

// Names of queues.
const (
	// QueueInbound holds messages that have arrived and wait for their handler.
	QueueInbound = "inbound"
	// QueueOutbound holds messages that the carrier has not taken yet.
	QueueOutbound = "outbound"
)

// Queued is a Bridge that reports its queues in Go's memory. Queues is safe for
// concurrent use, also after the bridge has closed.
type Queued interface {
	Queues() []Queue
}
