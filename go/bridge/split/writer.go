package split

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// batchBytes bounds how many bytes of small frames go into one write.
const batchBytes = 64 << 10

// writer writes frames to a stream from one goroutine, so that nobody who
// sends waits for the peer.
type writer struct {
	out            io.WriteCloser
	maxQueuedBytes int
	// done is closed when out is.
	done chan struct{}
	wake chan struct{} // capacity 1: there is something to do

	mu     sync.Mutex
	frames [][]byte
	bytes  int
	// closing: no more frames come; what is queued is still written.
	closing bool
	// broken: the peer no longer reads; what is sent is dropped.
	broken bool
}

func newWriter(out io.WriteCloser, maxQueuedBytes int) *writer {
	return &writer{
		out: out, maxQueuedBytes: maxQueuedBytes,
		done: make(chan struct{}), wake: make(chan struct{}, 1),
	}
}

// enqueue takes a frame, which is the writer's from then on.
func (w *writer) enqueue(frame []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closing || w.broken {
		return nil
	}
	if total := w.bytes + len(frame); total > w.maxQueuedBytes {
		return &bridge.ProtocolError{Message: fmt.Sprintf(
			"the peer does not read: %d bytes to write are over the limit (maxQueuedBytes %d)",
			total, w.maxQueuedBytes)}
	}
	w.frames = append(w.frames, frame)
	w.bytes += len(frame)
	w.signal()
	return nil
}

func (w *writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// close lets run end, once it has written what is queued, within flushTime if
// the stream has deadlines.
func (w *writer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closing = true
	if d, ok := w.out.(interface{ SetWriteDeadline(time.Time) error }); ok {
		_ = d.SetWriteDeadline(time.Now().Add(flushTime))
	}
	w.signal()
}

// run writes until the stream breaks or close was called; then it closes the stream.
func (w *writer) run() error {
	defer close(w.done)
	for range w.wake {
		frames, closing := w.take()
		if err := w.writeAll(frames); err != nil {
			w.mu.Lock()
			w.broken, w.frames, w.bytes = true, nil, 0
			w.mu.Unlock()
			_ = w.out.Close()
			return err
		}
		if closing {
			break
		}
	}
	_ = w.out.Close() // all is written: closing a pipe or a socket adds nothing
	return nil
}

// take takes all frames that are queued. They count as queued until written.
func (w *writer) take() (frames [][]byte, closing bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	frames, w.frames = w.frames, nil
	return frames, w.closing
}

// writeAll writes frames, small ones together.
func (w *writer) writeAll(frames [][]byte) error {
	var batch []byte
	taken := 0
	flush := func() error {
		_, err := w.out.Write(batch)
		w.written(taken)
		batch, taken = batch[:0], 0
		return err
	}
	for _, frame := range frames {
		if len(batch) > 0 && len(batch)+len(frame) >= batchBytes {
			if err := flush(); err != nil {
				return err
			}
		}
		if len(batch) == 0 {
			batch = append(frame, '\n')
		} else {
			batch = append(append(batch, frame...), '\n')
		}
		taken += len(frame)
	}
	if len(batch) == 0 {
		return nil
	}
	return flush()
}

func (w *writer) written(bytes int) {
	w.mu.Lock()
	w.bytes -= bytes
	w.mu.Unlock()
}
