package replay

import (
	"github.com/agd-bridge/agd-bridge/go/trace"
)

// exchangeReader reads a trace one exchange at a time, in a goroutine of its
// own, which waits between two calls of next. (A coroutine of iter.Pull must be
// resumed on the thread that made it, if that is locked, as agd's is in a
// library.) Its creator calls stop.
type exchangeReader struct {
	recording Recording
	// wanted asks for the next exchange, which found receives; both are closed at
	// the end.
	wanted chan struct{}
	found  chan *Exchange
	ended  bool
	// err is why the reading ended.
	err error
}

func newExchangeReader(input *trace.Input, note func(text string)) *exchangeReader {
	x := &exchangeReader{
		recording: Recording{Where: input.Where, Note: note},
		wanted:    make(chan struct{}), found: make(chan *Exchange),
	}
	x.recording.Play = func(e *Exchange) error {
		x.found <- e
		return x.await()
	}
	go func() {
		defer close(x.found)
		if x.await() != nil {
			return
		}
		if x.err = trace.ReadAll(input, &x.recording); x.err == nil {
			x.err = x.recording.End()
		}
	}()
	return x
}

// await waits for next; an error means that there is none.
func (x *exchangeReader) await() error {
	if _, ok := <-x.wanted; !ok {
		return errAtEnd
	}
	return nil
}

// next returns the next exchange; nil at the end, with the error of the trace.
func (x *exchangeReader) next() (*Exchange, error) {
	if x.ended {
		return nil, x.err
	}
	x.wanted <- struct{}{}
	e, ok := <-x.found
	if !ok {
		x.ended = true
		return nil, x.err
	}
	return e, nil
}

// stop ends the goroutine and returns when it has ended.
func (x *exchangeReader) stop() {
	close(x.wanted)
	for range x.found {
	}
}

// fault adds a line of the trace to an error.
func (x *exchangeReader) fault(line int, err error) error { return x.recording.fault(line, err) }
