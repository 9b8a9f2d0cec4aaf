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
)

// Options of a split bridge; see the fields of peer.Options.
type Options = peer.Options

// flushTime is how long Close waits for a peer that does not read what was
// sent before, and how long a peer that no longer reads may still write.
const flushTime = time.Second

// split is a peer.Peer and what moves its bytes.
type split struct {
	*peer.Peer
	in     io.ReadCloser
	reader *reader
	writer *writer
}

// New returns an open bridge that reads from in and writes to out. It owns
// both, and closes them; they must be such that Close ends a Read, as files
// from os.Pipe, network connections and the streams of package shm are. What was sent before Close is
// still written, if the peer reads it within a second.
func New(in io.ReadCloser, out io.WriteCloser, o Options) bridge.Bridge {
	in = newPipeReader(in)
	s := &split{in: in}
	s.Peer = peer.New(carrier{s}, o)
	s.reader = newReader(in, s.Peer)
	s.writer = newWriter(out, s.To(), s.Limits().MaxQueuedBytes)
	go s.reader.run()
	go s.write()
	return s
}

// Close implements bridge.Bridge; when it returns, both streams are closed and
// nothing of the bridge runs but handlers. Not to be called by a trace hook.
func (s *split) Close() error {
	err := s.Peer.Close()
	s.reader.relieve(s.reader.handling.Load()) // it may be who runs the handler that calls us
	<-s.reader.done
	<-s.writer.done
	return err
}

// Queues implements bridge.Queued.
func (s *split) Queues() []bridge.Queue {
	return append(s.Peer.Queues(), s.writer.queue())
}

// carrier is the peer's view of a split.
type carrier struct{ *split }

func (c carrier) Send(frame []byte) error { return c.writer.enqueue(frame) }

// HandlerWaits implements peer.Relieved.
func (c carrier) HandlerWaits() { c.reader.relieve(c.reader.handling.Load()) }

// Close ends the reader now, and the writer once it has written what it has.
func (c carrier) Close() error {
	c.writer.close()
	return c.in.Close()
}

// write runs the writer. A peer that no longer reads is gone, but what it
// wrote before may still be on its way: its end of file comes first, or else
// the timer.
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
