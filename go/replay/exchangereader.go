package replay

import (
	"iter"

	"github.com/agd-bridge/agd-bridge/go/trace"
)

// exchangeReader reads a record one exchange at a time. Its creator calls stop.
type exchangeReader struct {
	recording Recording
	pull      func() (*Exchange, bool)
	stop      func()
	// err is why the reading ended.
	err error
}

func newExchangeReader(input *trace.Input, note func(text string)) *exchangeReader {
	x := &exchangeReader{recording: Recording{Where: input.Where, Note: note}}
	x.pull, x.stop = iter.Pull(func(yield func(*Exchange) bool) {
		x.recording.Play = func(e *Exchange) error {
			if !yield(e) {
				return errAtEnd
			}
			return nil
		}
		if x.err = trace.ReadAll(input, &x.recording); x.err == nil {
			x.err = x.recording.End()
		}
	})
	return x
}

// next returns the next exchange; nil at the end, with the error of the record.
func (x *exchangeReader) next() (*Exchange, error) {
	if e, ok := x.pull(); ok {
		return e, nil
	}
	return nil, x.err
}

// fault adds a line of the record to an error.
func (x *exchangeReader) fault(line int, err error) error { return x.recording.fault(line, err) }
