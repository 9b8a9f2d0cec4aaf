//go:build linux

package shm

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge/internal/spin"
)

// Marker is the byte in a pipe, between two frames, after which the stream
// continues in the ring: ASCII's shift out, which no JSON text contains.
const Marker = 0x0e

// recheck bounds a sleep, so that no value that a peer writes into the memory
// can keep this side asleep after Close.
const recheck = time.Second

// Streams returns the two streams of a bridge that starts on pipes and
// continues in the memory once the peer has switched. The streams own the pipes.
// After the switch, the pipes show that the peer is alive, and wake its event
// loop. Each stream is for one goroutine; Close is safe for any. peerName names
// the peer in errors, as in "from node: …".
func Streams(in, out *os.File, m *Memory, peerName string) (*Reader, *Writer) {
	stream := "from " + peerName
	w := &Writer{pipe: out, ring: m.toPeer(stream), atBoundary: true}
	r := newReader(in, m.fromPeer(stream), w.ring.processor, w.share)
	r.checkPeer = w.checkHead
	return r, w
}

// newReader returns a reader of ring. It reports this side's CPU to the peer in
// own.
func newReader(pipe *os.File, ring ring, own *atomic.Uint32, onShare func() error) *Reader {
	r := &Reader{pipe: pipe, ring: ring, onShare: onShare, atBoundary: true}
	r.nearness.peers, r.nearness.own = ring.processor, own
	r.spin.IsApart = r.nearness.isApart
	r.ready, r.sleep = r.isReady, r.untilReady
	return r
}

// Reader is the inbound stream, from the peer.
type Reader struct {
	pipe     *os.File
	ring     ring
	spin     spin.Spinner
	nearness nearness
	// ready and sleep are isReady and untilReady.
	ready func() bool
	sleep func()
	// onShare is called when the peer has switched to the memory.
	onShare func() error
	// checkPeer, if set, checks the indices that the peer reports for the other
	// ring. It is called when the reader has time.
	checkPeer func() error
	// head is this side's own index; the memory has a copy for the peer.
	head   uint32
	shared atomic.Bool
	// atBoundary: the last byte from the pipe ended a frame.
	atBoundary bool
	// fault is a violation by the peer outside the ring.
	fault atomic.Pointer[error]
	// ended: no more bytes will arrive in the ring.
	ended  atomic.Bool
	closed atomic.Bool
	// closing runs once: the memory may be unmapped when it has run.
	closing sync.Once
	watch   sync.WaitGroup
}

// Shared reports whether the peer has switched to the memory.
func (r *Reader) Shared() bool { return r.shared.Load() }

// Read implements io.Reader. A *bridge.ProtocolError names the peer's violation.
func (r *Reader) Read(p []byte) (int, error) {
	if !r.shared.Load() {
		n, err := r.readPipe(p)
		if n > 0 || err != nil {
			return n, err
		}
	}
	for {
		// The order matters: bytes that arrived before the end must be read.
		ended := r.ended.Load()
		n, err := r.take(p)
		fault := r.fault.Load()
		switch {
		case r.closed.Load():
			return 0, os.ErrClosed
		case fault != nil:
			return 0, *fault
		case n > 0 || err != nil:
			return n, err
		case ended:
			return 0, io.EOF
		}
		r.wait()
	}
}

// readPipe reads from the pipe up to the marker. It returns 0 bytes if the
// marker came first.
func (r *Reader) readPipe(p []byte) (int, error) {
	n, err := r.pipe.Read(p)
	at := bytes.IndexByte(p[:n], Marker)
	before := n
	if at >= 0 {
		before = at
	}
	if before > 0 {
		r.atBoundary = p[before-1] == '\n'
	}
	if at < 0 {
		return n, err
	}
	if !r.atBoundary {
		return 0, r.ring.fault("switched to shared memory in the middle of a frame")
	}
	if at+1 < n {
		return 0, r.ring.fault(bytesAfterMark)
	}
	if err := r.onShare(); err != nil {
		return 0, err
	}
	r.shared.Store(true)
	r.watch.Go(r.watchPipe)
	return at, nil
}

const bytesAfterMark = "bytes in the pipe after the stream switched to shared memory"

// watchPipe waits for the pipe's end, which means that the peer is gone.
func (r *Reader) watchPipe() {
	if n, _ := r.pipe.Read(make([]byte, 1)); n > 0 {
		r.fail(r.ring.fault(bytesAfterMark))
	}
	r.ended.Store(true)
	r.ring.bell.Add(1)
	futexWake(r.ring.bell)
}

// fail makes Read return an error.
func (r *Reader) fail(err error) {
	r.fault.Store(&err)
	r.ended.Store(true)
}

func (r *Reader) take(p []byte) (int, error) {
	n, err := r.ring.used(r.ring.tail.Load(), r.head)
	if n == 0 || err != nil {
		return 0, err
	}
	n = r.ring.copyOut(p, r.head, n)
	r.head += uint32(n)
	r.ring.head.Store(r.head)
	return n, nil
}

// wait returns when there may be something to read.
func (r *Reader) wait() {
	if !r.nearness.near {
		r.nearness.after(r.spin.Wait(r.ready, r.sleep))
		return
	}
	start := time.Now()
	r.sleep()
	r.nearness.after(time.Since(start))
}

func (r *Reader) isReady() bool { return r.ring.tail.Load() != r.head || r.ended.Load() }

func (r *Reader) untilReady() {
	for !r.isReady() {
		if r.checkPeer != nil {
			if err := r.checkPeer(); err != nil {
				r.fail(err)
				return
			}
		}
		bell := r.ring.bell.Load()
		r.ring.state.Store(asleep)
		if !r.isReady() {
			r.nearness.sleep(func() { futexWait(r.ring.bell, bell, recheck) })
		}
		r.ring.state.Store(awake)
	}
}

// Close unblocks a pending Read. Once both have returned, the Reader no longer
// uses the memory. Only the first call has an effect; a later one also waits for
// it.
func (r *Reader) Close() error {
	err := os.ErrClosed
	r.closing.Do(func() {
		r.closed.Store(true)
		err = r.pipe.Close()
		r.ended.Store(true)
		r.ring.bell.Add(1)
		futexWake(r.ring.bell)
	})
	r.watch.Wait()
	return err
}

// Writer is the outbound stream, to the peer.
type Writer struct {
	pipe *os.File
	ring ring

	mu sync.Mutex // guards the fields below
	// tail is this side's own index; the memory has a copy for the peer. head is
	// a copy of the peer's index. It is read again only when there seems to be no
	// room, because reading a number that the peer keeps writing is slow.
	tail, head uint32
	shared     bool
	// unchecked is the number of writes since head was read.
	unchecked int
	// atBoundary: the last byte ended a frame.
	atBoundary bool
	deadline   time.Time
	closed     bool
}

// share switches to the memory and writes the marker to the pipe.
func (w *Writer) share() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.atBoundary {
		return w.ring.fault("switched to shared memory before it had read the pipe")
	}
	w.shared = true
	// A peer that no longer reads has left its last frames in the memory. The
	// reader returns them, and then the end.
	_, _ = w.pipe.Write([]byte{Marker})
	return nil
}

// TryWrite writes the bytes that there is room for, without waiting, and
// returns their number. Write reports errors.
func (w *Writer) TryWrite(p []byte) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, _ := w.tryWrite(p)
	return n
}

// tryWrite needs mu.
func (w *Writer) tryWrite(p []byte) (n int, err error) {
	switch {
	case len(p) == 0:
		return 0, nil
	case w.closed:
		return 0, os.ErrClosed
	case w.shared:
		n, err = w.put(p)
	default:
		n, err = w.tryPipe(p)
	}
	if n > 0 {
		w.atBoundary = p[n-1] == '\n'
	}
	return n, err
}

// mostUnchecked is the maximum number of writes after which an invalid index is
// detected, unless this side sleeps before.
const mostUnchecked = 32

// lookAtHead reads how far the peer has read. Needs mu.
func (w *Writer) lookAtHead() error {
	head := w.ring.head.Load()
	if _, err := w.ring.used(w.tail, head); err != nil {
		return err
	}
	w.head, w.unchecked = head, 0
	return nil
}

// checkHead returns an error if the peer's index is invalid.
func (w *Writer) checkHead() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || !w.shared {
		return nil
	}
	return w.lookAtHead()
}

// stepBytes is the most that put publishes at once, so that the peer copies one
// step while the next is written.
const stepBytes = 128 << 10

// put writes what there is room for. Needs mu.
func (w *Writer) put(p []byte) (n int, err error) {
	w.unchecked++
	if room := RingBytes - int(w.tail-w.head); room < len(p) || w.unchecked >= mostUnchecked {
		if err := w.lookAtHead(); err != nil {
			return 0, err
		}
	}
	p = p[:min(len(p), RingBytes-int(w.tail-w.head))]
	for n < len(p) && err == nil {
		step := p[n:min(n+stepBytes, len(p))]
		err = w.publish(step)
		n += len(step)
	}
	return n, err
}

// publish writes bytes that there is room for, and wakes the peer. Needs mu.
func (w *Writer) publish(p []byte) (err error) {
	w.ring.copyIn(p, w.tail)
	w.tail += uint32(len(p))
	w.ring.tail.Store(w.tail)
	switch state := w.ring.state.Load(); state {
	case asleep:
		if w.ring.state.CompareAndSwap(asleep, awake) {
			w.ring.bell.Add(1)
			futexWake(w.ring.bell)
		}
	case doorbell:
		if w.ring.state.CompareAndSwap(doorbell, awake) {
			// A full pipe already holds bytes that wake the peer.
			_, err = w.tryPipe([]byte{'\n'})
		}
	}
	return err
}

// tryPipe writes to the pipe without waiting. Needs mu.
func (w *Writer) tryPipe(p []byte) (n int, err error) {
	conn, err := w.pipe.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	err = conn.Write(func(fd uintptr) bool {
		n, failed = syscall.Write(int(fd), p)
		return true
	})
	if errors.Is(failed, syscall.EAGAIN) || errors.Is(failed, syscall.EINTR) {
		failed = nil
	}
	return max(n, 0), errors.Join(err, failed)
}

// Pauses of a Write that waits for room.
const (
	minPause = 50 * time.Microsecond
	maxPause = time.Millisecond
)

// Write implements io.Writer. It waits for room, until the write deadline or
// Close. A *bridge.ProtocolError names the peer's violation.
func (w *Writer) Write(p []byte) (written int, err error) {
	for pause := minPause; ; pause = min(2*pause, maxPause) {
		w.mu.Lock()
		n, err := w.tryWrite(p[written:])
		late := !w.deadline.IsZero() && time.Now().After(w.deadline)
		w.mu.Unlock()
		if written += n; written == len(p) || err != nil {
			return written, err
		}
		if late {
			return written, os.ErrDeadlineExceeded
		}
		if n > 0 {
			pause = minPause
		}
		time.Sleep(pause)
	}
}

// SetWriteDeadline is like os.File's.
func (w *Writer) SetWriteDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deadline = t
	return nil
}

// Unread returns the number of bytes in the memory that the peer has not read
// yet; 0 after Close.
func (w *Writer) Unread() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0
	}
	n, _ := w.ring.used(w.tail, w.ring.head.Load())
	return n
}

// Close closes the pipe. The peer sees the end of the stream after it has read
// the bytes in the memory. Once Close has returned, the Writer no longer uses
// the memory.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return os.ErrClosed
	}
	w.closed = true
	return w.pipe.Close()
}
