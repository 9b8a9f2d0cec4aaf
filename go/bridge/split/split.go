// Package split is the Bridge over two byte streams, such as a pair of pipes
// to another process: one JSON-RPC v1 message a line. Its twin in TypeScript
// is packages/bridge-split.
package split

import (
	"errors"
	"io"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/peer"
	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// Options of a split bridge; see the fields of peer.Options.
type Options = peer.Options

// flushTime is how long Close waits for a peer that does not read what was
// sent before, and how long a peer that no longer reads may still write.
const flushTime = time.Second

// readBytes is the size of a read: a pipe's default capacity.
const readBytes = 64 << 10

// split is a peer.Peer and the two goroutines that move its bytes.
type split struct {
	*peer.Peer
	in       io.ReadCloser
	writer   *writer
	readDone chan struct{}
}

// New returns an open bridge that reads from in and writes to out. It owns
// both, and closes them; they must be such that Close ends a Read, as files
// from os.Pipe and network connections are. What was sent before Close is
// still written, if the peer reads it within a second.
func New(in io.ReadCloser, out io.WriteCloser, o Options) bridge.Bridge {
	s := &split{in: in, readDone: make(chan struct{})}
	s.Peer = peer.New(carrier{s}, o)
	s.writer = newWriter(out, s.Limits().MaxQueuedBytes)
	go s.read(s.FrameDecoder())
	go s.write()
	return s
}

// Close implements bridge.Bridge; when it returns, both streams are closed and
// nothing of the bridge runs but handlers. Not to be called by a trace hook.
func (s *split) Close() error {
	err := s.Peer.Close()
	<-s.readDone
	<-s.writer.done
	return err
}

// carrier is the peer's view of a split.
type carrier struct{ *split }

func (c carrier) Send(frame []byte) error { return c.writer.enqueue(frame) }

// Close ends the reader now, and the writer once it has written what it has.
func (c carrier) Close() error {
	c.writer.close()
	return c.in.Close()
}

// read feeds the peer until the stream ends. It never waits for anything but
// the stream.
func (s *split) read(decoder *jsonrpc1.FrameDecoder) {
	defer close(s.readDone)
	chunk := make([]byte, readBytes)
	for {
		n, err := s.in.Read(chunk)
		decoder.Feed(chunk[:n])
		if broken := s.deliver(decoder); broken != nil {
			s.End(broken)
			return
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = decoder.End()
			}
			s.End(err)
			return
		}
	}
}

func (s *split) deliver(decoder *jsonrpc1.FrameDecoder) error {
	for {
		frame, ok, err := decoder.Next()
		if err != nil || !ok {
			return err
		}
		s.Receive(frame)
	}
}

// write runs the writer. A peer that no longer reads is gone, but what it
// wrote before may still be on its way: its end of file comes first, or else
// the timer.
func (s *split) write() {
	if err := s.writer.run(); err != nil {
		timer := time.AfterFunc(flushTime, func() { s.End(nil) })
		<-s.Closed()
		timer.Stop()
	}
}
