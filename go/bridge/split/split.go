// Package split is the Bridge over two byte streams, such as a pair of pipes to
// another process. Each line is one JSON-RPC v1 message. Its twin in TypeScript
// is packages/bridge-split.
//
// Start starts Node.js with a bridge. Attach prepares a command that the caller
// starts. New takes any two streams.
package split

import (
	"errors"
	"io"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/peer"
)

// flushTime is how long Close waits for a peer that does not read what was sent
// before. It is also how long a peer that no longer reads may still write.
const flushTime = time.Second

// split is a peer.Peer with its reader and writer.
type split struct {
	*peer.Peer
	in     io.ReadCloser
	reader *reader
	writer *writer
}

// New returns an open bridge that reads from in and writes to out. It owns and
// closes both. Close must unblock a Read of in, as it does for files from
// os.Pipe, network connections and the streams of package shm. What was sent
// before Close is still written, if the peer reads it within a second.
func New(in io.ReadCloser, out io.WriteCloser, o bridge.Options) bridge.Bridge {
	in = newPipeReader(in)
	s := &split{in: in}
	s.Peer = peer.New(carrier{s}, o)
	s.reader = newReader(in, s.Peer)
	s.writer = newWriter(out, s.To(), s.Limits().MaxQueuedBytes)
	go s.reader.run()
	go s.write()
	return s
}

// Close implements bridge.Bridge. When it returns, both streams are closed, and
// only handlers may still run. A trace hook must not call it.
func (s *split) Close() error {
	err := s.Peer.Close()
	s.reader.relieve(s.reader.handling.Load()) // that reader may be running the handler that calls Close
	<-s.reader.done
	<-s.writer.done
	return err
}

// Queues implements bridge.Queued.
func (s *split) Queues() []bridge.Queue {
	return append(s.Peer.Queues(), s.writer.queue())
}

// carrier is a split as the peer's Transport.
type carrier struct{ *split }

func (c carrier) Send(frame []byte) error { return c.writer.enqueue(frame) }

// HandlerWaits implements peer.WaitObserver.
func (c carrier) HandlerWaits() { c.reader.relieve(c.reader.handling.Load()) }

// Close stops the reader now, and the writer once it has written its queue.
func (c carrier) Close() error {
	c.writer.close()
	return c.in.Close()
}

// write runs the writer. A peer that no longer reads is gone, but its last
// frames may still be on their way: write waits for its end of file, at most
// flushTime.
func (s *split) write() {
	err := s.writer.run()
	var protocol *bridge.ProtocolError
	switch {
	case errors.As(err, &protocol):
		s.End(err)
	case err != nil:
		timer := time.AfterFunc(flushTime, func() { s.End(nil) })
		<-s.Closed()
		timer.Stop()
	}
}
