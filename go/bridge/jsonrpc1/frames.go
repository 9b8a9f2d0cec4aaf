package jsonrpc1

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// FrameDecoder splits a stream of bytes into frames at '\n'. Chunk boundaries
// have no meaning: feed the bytes read, then call Next until ok is false. Its
// twin is packages/jsonrpc1/src/frames.ts. It is not safe for concurrent use.
type FrameDecoder struct {
	maxFrameBytes int
	stream        string
	// buffer[head:] is not returned yet; buffer[head:scanned] holds no newline.
	buffer  []byte
	head    int
	scanned int
}

// NewFrameDecoder returns a decoder. stream names the stream in errors, such as
// "from node".
func NewFrameDecoder(limits Limits, stream string) *FrameDecoder {
	return &FrameDecoder{maxFrameBytes: limits.MaxFrameBytes, stream: stream}
}

// keptBytes bounds the capacity that an empty buffer keeps: reused memory costs
// less than new memory.
const keptBytes = 4 << 20

// Feed adds bytes that were read. It copies them; the caller may reuse chunk.
func (d *FrameDecoder) Feed(chunk []byte) {
	d.compact()
	// append grows with the bytes received, never with a size that the peer
	// announced.
	d.buffer = append(d.buffer, chunk...)
}

// Empty reports whether every fed byte has been returned.
func (d *FrameDecoder) Empty() bool { return d.head == len(d.buffer) }

// Room returns memory for at least the given number of bytes, to read into
// without a copy. Added adds the first n bytes of it.
func (d *FrameDecoder) Room(bytes int) []byte {
	d.compact()
	d.buffer = slices.Grow(d.buffer, bytes)
	return d.buffer[len(d.buffer):cap(d.buffer)]
}

// Added must follow Room.
func (d *FrameDecoder) Added(n int) { d.buffer = d.buffer[:len(d.buffer)+n] }

// compact drops returned bytes, if that is cheap.
func (d *FrameDecoder) compact() {
	if d.Empty() {
		d.buffer, d.head, d.scanned = d.buffer[:0], 0, 0
		if cap(d.buffer) > keptBytes {
			d.buffer = nil
		}
	} else if d.head > len(d.buffer)/2 {
		d.buffer = d.buffer[:copy(d.buffer, d.buffer[d.head:])]
		d.scanned -= d.head
		d.head = 0
	}
}

// Whole is Feed and Next in one, for a chunk that is exactly one frame with its
// newline while the buffer is empty. Otherwise ok is false, and nothing has
// changed.
func (d *FrameDecoder) Whole(chunk []byte) (frame []byte, ok bool) {
	end := len(chunk) - 1
	if !d.Empty() || end > d.maxFrameBytes || bytes.IndexByte(chunk, '\n') != end || end < 0 {
		return nil, false
	}
	return bytes.Clone(chunk[:end]), true
}

// Next returns the next whole frame without its newline. The caller owns it. ok
// is false when more bytes are needed. The error is a *bridge.ProtocolError: a
// frame over MaxFrameBytes.
func (d *FrameDecoder) Next() (frame []byte, ok bool, err error) {
	end := len(d.buffer)
	found := bytes.IndexByte(d.buffer[d.scanned:], '\n')
	if found >= 0 {
		end = d.scanned + found
	}
	if end-d.head > d.maxFrameBytes {
		return nil, false, overLimit(d.maxFrameBytes, d.stream)
	}
	if found < 0 {
		d.scanned = end
		return nil, false, nil
	}
	frame = bytes.Clone(d.buffer[d.head:end])
	d.head, d.scanned = end+1, end+1
	return frame, true, nil
}

// End must be called at the end of the stream. The error is a
// *bridge.ProtocolError: the stream ended in the middle of a frame.
func (d *FrameDecoder) End() error {
	if rest := len(d.buffer) - d.head; rest > 0 {
		return &bridge.ProtocolError{Message: fmt.Sprintf(
			`%s: byte %d: expected "\n", not the end of the stream`, d.stream, rest)}
	}
	return nil
}
