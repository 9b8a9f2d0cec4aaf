package split

import (
	"io"
	"sync"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/peer"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// batchBytes bounds the bytes of small frames in one write.
const batchBytes = 64 << 10

// writer writes frames to a stream. A sender never waits for the peer: a
// goroutine writes what the stream does not take at once.
type writer struct {
	out            io.WriteCloser
	stream         string // for errors
	maxQueuedBytes int
	// writeNow writes what the stream takes at once and returns the number of
	// bytes. It ignores errors, because run gets them again. Nil if the stream
	// cannot.
	writeNow func([]byte) int
	// done is closed when out is.
	done chan struct{}
	wake chan struct{} // capacity 1: there is something to do

	mu sync.Mutex
	// lines are frames with their newline. The first may be the rest of a
	// frame.
	lines [][]byte
	// bytes and frames count lines and what run is writing.
	bytes, frames int
	// closing: no more frames follow; the queue is still written.
	closing bool
	// broken: the peer no longer reads; new frames are dropped.
	broken bool
}

func newWriter(out io.WriteCloser, stream string, maxQueuedBytes int) *writer {
	return &writer{
		out: out, stream: stream, maxQueuedBytes: maxQueuedBytes, writeNow: nonBlocking(out),
		done: make(chan struct{}), wake: make(chan struct{}, 1),
	}
}

// TryWriter is a stream that can write without waiting. TryWrite writes what
// the stream takes at once and returns the number of bytes.
type TryWriter interface{ TryWrite(p []byte) int }

// nonBlocking returns a function that writes to a stream without waiting; nil
// if writes may block.
func nonBlocking(out io.Writer) func([]byte) int {
	if out, ok := out.(TryWriter); ok {
		return out.TryWrite
	}
	return nonBlockingFile(out)
}

// enqueue takes a frame and its ownership. A *bridge.LocalError means that
// there is no room and nothing was taken.
func (w *writer) enqueue(frame []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closing || w.broken {
		return nil
	}
	if fault := peer.QueueFault(w.stream, w.bytes, len(frame), w.maxQueuedBytes); fault != "" {
		return &bridge.LocalError{Message: fault}
	}
	line := append(frame, '\n')
	if w.bytes == 0 && w.writeNow != nil {
		// The queue is empty and all is written: no need to wake the goroutine.
		written := w.writeNow(line)
		if written == len(line) {
			jsonrpc1.Recycle(line)
			return nil
		}
		line = line[written:]
	}
	w.lines = append(w.lines, line)
	w.bytes += len(line)
	w.frames++
	w.signal()
	return nil
}

// queue returns the frames that are not written yet.
func (w *writer) queue() bridge.Queue {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bridge.Queue{Name: bridge.QueueOutbound, Messages: w.frames, Bytes: w.bytes}
}

func (w *writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// close lets run return once it has written the queue, within flushTime if the
// stream has deadlines.
func (w *writer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closing = true
	if d, ok := w.out.(interface{ SetWriteDeadline(time.Time) error }); ok {
		_ = d.SetWriteDeadline(time.Now().Add(flushTime))
	}
	w.signal()
}

// run writes until the stream breaks or close was called, then closes the
// stream.
func (w *writer) run() error {
	defer close(w.done)
	for range w.wake {
		lines, closing := w.take()
		if err := w.writeAll(lines); err != nil {
			w.mu.Lock()
			w.broken, w.lines, w.bytes, w.frames = true, nil, 0, 0
			w.mu.Unlock()
			_ = w.out.Close()
			return err
		}
		if closing {
			break
		}
	}
	_ = w.out.Close() // all is written, so closing a pipe or a socket adds nothing
	return nil
}

// take takes all queued lines. They count as queued until written.
func (w *writer) take() (lines [][]byte, closing bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	lines, w.lines = w.lines, nil
	return lines, w.closing
}

// writeAll writes lines. It combines small ones into one write.
func (w *writer) writeAll(lines [][]byte) error {
	for len(lines) > 0 {
		batch, n := lines[0], 1
		for n < len(lines) && len(batch)+len(lines[n]) <= batchBytes {
			batch = append(batch, lines[n]...)
			n++
		}
		lines = lines[n:]
		if _, err := w.out.Write(batch); err != nil {
			return err
		}
		w.mu.Lock()
		w.bytes -= len(batch)
		w.frames -= n
		w.mu.Unlock()
	}
	return nil
}
