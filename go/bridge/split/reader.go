package split

import (
	"cmp"
	"errors"
	"io"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge/internal/peer"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

const (
	// readBytes is the size of a read: a pipe's default capacity.
	readBytes = 64 << 10
	// patience is how long a reader stays with a handler before another
	// goroutine takes over reading. It is long for a downcall and short for a
	// block.
	patience = 5 * time.Millisecond
	// idleTicks is the number of ticks without a message after which watch
	// returns.
	idleTicks = 20
)

// reader feeds a peer with the frames of a stream. One goroutine at a time has
// the duty to read. It runs the handlers of the frames itself, because waking
// another goroutine costs more than most downcalls do. It never blocks the
// stream: when a handler waits in a Call, or does not return within patience,
// the duty passes to a new goroutine.
type reader struct {
	in      io.Reader
	peer    *peer.Peer
	decoder *jsonrpc1.FrameDecoder
	chunk   []byte
	// starts is r.handlerStarts.
	starts func()
	// woke: another goroutine continues with a frame. Owned by the reader on
	// duty.
	woke bool
	// done is closed when the reader stops.
	done chan struct{}

	// runs counts the handlers that readers have run.
	runs atomic.Uint64
	// handling is the number of the run that keeps the reader on duty from
	// reading, or 0. The goroutine that changes it from a run to 0 has the
	// duty.
	handling atomic.Uint64
	watching atomic.Bool
}

func newReader(in io.Reader, p *peer.Peer) *reader {
	r := &reader{
		in: in, peer: p, decoder: p.FrameDecoder(),
		chunk: make([]byte, readBytes), done: make(chan struct{}),
	}
	r.starts = r.handlerStarts
	return r
}

// run reads while it has the duty. The last reader ends with the stream.
func (r *reader) run() {
	for {
		frame, err := r.next()
		if err != nil {
			r.end(err)
			return
		}
		handled, onDuty := r.handle(frame)
		if !onDuty {
			return
		}
		r.woke = r.woke || !handled
	}
}

// next returns the next frame. Its error is the stream's or the decoder's.
func (r *reader) next() ([]byte, error) {
	for {
		if frame, ok, err := r.decoder.Next(); ok || err != nil {
			return frame, err
		}
		if r.woke {
			// The woken goroutine would have to wait during the read, which
			// keeps this thread's CPU until the runtime takes it away.
			r.woke = false
			runtime.Gosched()
		}
		frame, n, err := r.read()
		if frame != nil {
			return frame, nil
		}
		if err != nil && n == 0 {
			if errors.Is(err, io.EOF) {
				err = cmp.Or(r.decoder.End(), err)
			}
			return nil, err
		}
	}
}

// read reads once. A frame that arrives whole is returned; other bytes go to the
// decoder. n is the number of bytes.
func (r *reader) read() (frame []byte, n int, err error) {
	if !r.decoder.Empty() {
		n, err = r.in.Read(r.decoder.Room(readBytes))
		r.decoder.Added(n)
		return nil, n, err
	}
	n, err = r.in.Read(r.chunk)
	if frame, ok := r.decoder.Whole(r.chunk[:n]); ok {
		return frame, n, nil
	}
	r.decoder.Feed(r.chunk[:n])
	return nil, n, err
}

func (r *reader) end(err error) {
	close(r.done)
	r.peer.End(err)
}

// handle passes one frame to the peer. It reports whether the handler ran here,
// and whether this goroutine still has the duty.
func (r *reader) handle(frame []byte) (handled, onDuty bool) {
	run := r.runs.Load() + 1 // only the goroutine on duty starts runs
	handled = r.peer.ReceiveHere(frame, r.starts)
	return handled, !handled || r.handling.CompareAndSwap(run, 0)
}

// handlerStarts is called when a handler is about to run on a reader.
func (r *reader) handlerStarts() {
	r.handling.Store(r.runs.Add(1))
	if !r.watching.Load() && r.watching.CompareAndSwap(false, true) {
		go r.watch()
	}
}

// relieve starts another reader if the one on duty is still in this run.
func (r *reader) relieve(run uint64) {
	if run != 0 && r.handling.CompareAndSwap(run, 0) {
		go r.run()
	}
}

// watch relieves readers whose handler takes long. It returns when there is
// nothing to watch; the next message starts it again.
func (r *reader) watch() {
	ticker := time.NewTicker(patience)
	defer ticker.Stop()
	for {
		runs, closed := r.watchWhileBusy(ticker.C)
		r.watching.Store(false)
		// A message may have arrived just before, and relied on this watch.
		if closed || r.runs.Load() == runs || !r.watching.CompareAndSwap(false, true) {
			return
		}
	}
}

// watchWhileBusy returns after idleTicks ticks without a message, or at the end
// of the stream. runs is the last count that it saw.
func (r *reader) watchWhileBusy(tick <-chan time.Time) (runs uint64, closed bool) {
	var last uint64
	for idle := 0; idle < idleTicks; idle++ {
		select {
		case <-tick:
		case <-r.done:
			return runs, true
		}
		run := r.handling.Load()
		if run == last {
			r.relieve(run)
		}
		last = run
		if now := r.runs.Load(); now != runs {
			runs, idle = now, 0
		}
	}
	return runs, false
}
