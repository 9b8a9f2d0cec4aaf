package jsonrpc1

import (
	"bytes"
	"fmt"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// FrameDecoder cuts a stream of bytes into frames at '\n'. Chunk boundaries
// mean nothing: feed what was read, then take frames until there is none. Its
// twin is packages/jsonrpc1/src/frames.ts. It is not safe for concurrent use.
type FrameDecoder struct {
	maxFrameBytes int
	stream        string
	// buffer[head:] is not handed out yet; buffer[head:scanned] holds no newline.
	buffer  []byte
	head    int
	scanned int
}

// NewFrameDecoder returns a decoder; stream names the stream for errors: "from agvm".
func NewFrameDecoder(limits Limits, stream string) *FrameDecoder {
	return &FrameDecoder{maxFrameBytes: limits.MaxFrameBytes, stream: stream}
}

// keptBytes is how large the buffer may stay once it is empty: memory that was
// used before costs less than new memory does.
const keptBytes = 4 << 20

// Feed adds bytes that were read. They are copied: the caller may use the
// chunk again.
func (d *FrameDecoder) Feed(chunk []byte) {
	if d.head == len(d.buffer) {
		d.buffer, d.head, d.scanned = d.buffer[:0], 0, 0
		if cap(d.buffer) > keptBytes {
			d.buffer = nil
		}
	} else if d.head > len(d.buffer)/2 {
		d.buffer = d.buffer[:copy(d.buffer, d.buffer[d.head:])]
		d.scanned -= d.head
		d.head = 0
	}
	// append grows with the bytes that came, never with a size that somebody announced.
	d.buffer = append(d.buffer, chunk...)
}

// Whole is Feed and Next in one, for a chunk that is one frame with its newline
// and has nothing before it. Otherwise ok is false, and nothing was done.
func (d *FrameDecoder) Whole(chunk []byte) (frame []byte, ok bool) {
	end := len(chunk) - 1
	if d.head != len(d.buffer) || end > d.maxFrameBytes || bytes.IndexByte(chunk, '\n') != end || end < 0 {
		return nil, false
	}
	return bytes.Clone(chunk[:end]), true
}

// Next returns the next whole frame without its newline, owned by the caller;
// ok is false when more bytes are needed. The error is a *bridge.ProtocolError:
// a frame over MaxFrameBytes.
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

// End is called when the stream has ended. The error is a
// *bridge.ProtocolError: it ended in the middle of a frame.
func (d *FrameDecoder) End() error {
	if rest := len(d.buffer) - d.head; rest > 0 {
		return &bridge.ProtocolError{Message: fmt.Sprintf(
			`%s: byte %d: expected "\n", not the end of the stream`, d.stream, rest)}
	}
	return nil
}
