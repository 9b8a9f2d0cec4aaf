package peer

import "github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"

// item is an entry of the inbox: a message, or a handler that resumes.
type item struct {
	msg   jsonrpc1.Message
	bytes int
	// reply, if set, receives the response instead of the carrier (CallIn).
	reply chan []byte
	// resume, if set, is a settled call whose handler waits for the baton.
	resume *call
}

// inbox is a queue of items. It is part of state.
type inbox struct {
	items []item
	head  int
	bytes int
}

func (q *inbox) empty() bool { return q.len() == 0 }

func (q *inbox) len() int { return len(q.items) - q.head }

func (q *inbox) push(it item) {
	if q.empty() {
		q.items, q.head = q.items[:0], 0
	}
	q.items = append(q.items, it)
	q.bytes += it.bytes
}

func (q *inbox) pop() (it item, ok bool) {
	if q.empty() {
		return item{}, false
	}
	it = q.items[q.head]
	q.items[q.head] = item{} // so that the message can be collected once it is handled
	q.head++
	q.bytes -= it.bytes
	return it, true
}

// drop removes the messages. Handlers that wait for the baton stay.
func (q *inbox) drop() {
	old := q.items[q.head:]
	*q = inbox{}
	for _, it := range old {
		if it.resume != nil {
			q.push(it)
		} else if it.reply != nil {
			close(it.reply)
		}
	}
}
