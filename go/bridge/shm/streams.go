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

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/spin"
)

// Marker is the byte in a pipe, between two frames, after which the stream
// goes on in the ring: ASCII's shift out, which no JSON text contains.
const Marker = 0x0e

// recheck bounds a sleep, so that nothing that a peer writes into the memory
// can keep us asleep after Close.
const recheck = time.Second

// Streams returns the two streams of a bridge that begins on pipes and, once
// the VM does, goes on in the memory. They own the pipes, which serve the
// memory's streams as the sign that the peer is alive, and for waking an event
// loop. Both are safe for one goroutine each; Close for any.
func Streams(in, out *os.File, m *Memory) (*Reader, *Writer) {
	w := &Writer{pipe: out, ring: m.toVM(), atBoundary: true}
	r := newReader(in, m.toAgd(), w.ring.processor, w.share)
	r.checkPeer = w.checkHead
	return r, w
}

// newReader makes a reader of ring, which tells the peer in own where it runs.
func newReader(pipe *os.File, ring ring, own *atomic.Uint32, onShare func() error) *Reader {
	r := &Reader{pipe: pipe, ring: ring, onShare: onShare, atBoundary: true}
	r.nearness.peers, r.nearness.own = ring.processor, own
	r.spin.IsApart = r.nearness.isApart
	r.ready, r.sleep = r.isReady, r.untilReady
	return r
}

// fault is what a VM did that no VM may.
func fault(what string) error {
	return &bridge.ProtocolError{Message: "from agvm: " + what}
}

// Reader reads what the VM sends.
type Reader struct {
	pipe     *os.File
	ring     ring
	spin     spin.Spinner
	nearness nearness
	// ready and sleep are isReady and untilReady.
	ready func() bool
	sleep func()
	// onShare is called when the peer has gone over to the memory.
	onShare func() error
	// checkPeer, if set, finds what is wrong in what the peer says of the other
	// ring. It is called where there is time.
	checkPeer func() error
	// head is ours; the memory has a copy for the VM.
	head   uint32
	shared atomic.Bool
	// atBoundary: what came through the pipe ended with a frame's end.
	atBoundary bool
	// fault is what the VM did wrong beside the ring.
	fault atomic.Pointer[error]
	// ended: no more bytes will come than those in the ring.
	ended  atomic.Bool
	closed atomic.Bool
	watch  sync.WaitGroup
}

// Shared tells whether the VM has gone over to the memory.
func (r *Reader) Shared() bool { return r.shared.Load() }

// Read implements io.Reader. A *bridge.ProtocolError says what the VM did wrong.
func (r *Reader) Read(p []byte) (int, error) {
	if !r.shared.Load() {
		n, err := r.readPipe(p)
		if n > 0 || err != nil {
			return n, err
		}
	}
	for {
		// In this order: what came before the end is read.
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

// readPipe reads from the pipe, up to the marker; 0 bytes: the marker came first.
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
		return 0, fault("it went on in shared memory in the middle of a frame")
	}
	if at+1 < n {
		return 0, fault(bytesAfterMark)
	}
	if err := r.onShare(); err != nil {
		return 0, err
	}
	r.shared.Store(true)
	r.watch.Go(r.watchPipe)
	return at, nil
}

const bytesAfterMark = "bytes in the pipe after the stream went on in shared memory"

// watchPipe waits for the pipe's end, which is the VM's.
func (r *Reader) watchPipe() {
	if n, _ := r.pipe.Read(make([]byte, 1)); n > 0 {
		r.fail(fault(bytesAfterMark))
	}
	r.ended.Store(true)
	r.ring.bell.Add(1)
	futexWake(r.ring.bell)
}

// fail lets Read end with an error.
func (r *Reader) fail(err error) {
	r.fault.Store(&err)
	r.ended.Store(true)
}

func (r *Reader) take(p []byte) (int, error) {
	n, err := used(r.ring.tail.Load(), r.head)
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

// Close ends a Read; when it has returned, and the Read, nothing of the Reader
// uses the memory.
func (r *Reader) Close() error {
	r.closed.Store(true)
	err := r.pipe.Close()
	r.ended.Store(true)
	r.ring.bell.Add(1)
	futexWake(r.ring.bell)
	r.watch.Wait()
	return err
}

// Writer writes what the VM reads.
type Writer struct {
	pipe *os.File
	ring ring

	mu sync.Mutex // guards the rest
	// tail is ours; the memory has a copy for the VM. head is what the VM's was,
	// and is looked at again when there seems to be no room: a number that the
	// VM writes all the time is slow to read.
	tail, head uint32
	shared     bool
	// unchecked is how many writes ago head was looked at.
	unchecked int
	// atBoundary: the last byte was a frame's end.
	atBoundary bool
	deadline   time.Time
	closed     bool
}

// share goes over to the memory, and says so in the pipe.
func (w *Writer) share() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.atBoundary {
		return fault("it went on in shared memory before it had read what was sent")
	}
	w.shared = true
	// A VM that reads no more has left its last words in the memory: the
	// reader finds them, and then the end.
	_, _ = w.pipe.Write([]byte{Marker})
	return nil
}

// TryWrite writes what there is room for at once, without waiting, and returns
// how much. Errors are left to Write.
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

// mostUnchecked is after how many writes an index that no VM may write is found
// at the latest, if agd does not sleep before.
const mostUnchecked = 32

// lookAtHead finds how far the VM has read. It needs mu.
func (w *Writer) lookAtHead() error {
	head := w.ring.head.Load()
	if _, err := used(w.tail, head); err != nil {
		return err
	}
	w.head, w.unchecked = head, 0
	return nil
}

// checkHead tells what is wrong with how far the VM says it has read.
func (w *Writer) checkHead() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || !w.shared {
		return nil
	}
	return w.lookAtHead()
}

// put needs mu.
func (w *Writer) put(p []byte) (n int, err error) {
	w.unchecked++
	if room := RingBytes - int(w.tail-w.head); room < len(p) || w.unchecked >= mostUnchecked {
		if err := w.lookAtHead(); err != nil {
			return 0, err
		}
	}
	n = w.ring.copyIn(p, w.tail, RingBytes-int(w.tail-w.head))
	if n == 0 {
		return 0, nil
	}
	w.tail += uint32(n)
	w.ring.tail.Store(w.tail)
	switch state := w.ring.state.Load(); state {
	case asleep:
		if w.ring.state.CompareAndSwap(asleep, awake) {
			w.ring.bell.Add(1)
			futexWake(w.ring.bell)
		}
	case doorbell:
		if w.ring.state.CompareAndSwap(doorbell, awake) {
			// In a full pipe there are bytes enough to wake the VM.
			_, err = w.tryPipe([]byte{'\n'})
		}
	}
	return n, err
}

// tryPipe needs mu.
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
// Close. A *bridge.ProtocolError says what the VM did wrong.
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

// SetWriteDeadline is that of a file.
func (w *Writer) SetWriteDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deadline = t
	return nil
}

// Unread is how many bytes in the memory the VM has not taken yet.
func (w *Writer) Unread() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, _ := used(w.tail, w.ring.head.Load())
	return n
}

// Close closes the pipe, which is the stream's end for the VM once it has read
// what is in the memory. Nothing of the Writer uses the memory when it returns.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return os.ErrClosed
	}
	w.closed = true
	return w.pipe.Close()
}
