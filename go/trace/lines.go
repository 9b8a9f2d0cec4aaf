package trace

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// MaxLineBytes is the longest line that is read; longer lines are skipped. The
// bridge's own limit for a frame is 64 MiB by default.
const MaxLineBytes = 1 << 30

// pollInterval is the period at which a followed file is polled.
const pollInterval = 50 * time.Millisecond

// ErrLongLine takes the place of a line over MaxLineBytes.
var ErrLongLine = errors.New("longer than 1 GiB")

// Sink receives the lines of a file in order, without their newlines. A line is
// valid only until the method returns.
type Sink interface {
	// Line receives one line. complete is false for a last line without a
	// newline. err is ErrLongLine for a skipped line.
	Line(text []byte, complete bool, err error) error
	// Restarted reports that the file was truncated or replaced: lines count
	// from 1 again.
	Restarted() error
	// Idle reports that there are no more lines at the moment.
	Idle() error
}

// ReadAll passes on all lines of input.
func ReadAll(input io.Reader, sink Sink) error {
	lines := newLines(input)
	for {
		if !lines.ready() {
			if err := sink.Idle(); err != nil {
				return err
			}
		}
		err := lines.next(sink)
		if errors.Is(err, io.EOF) {
			return lines.rest(sink)
		}
		if err != nil {
			return err
		}
	}
}

// Follow passes on the lines of a growing file until ctx is done, which is not
// an error. It continues with a new file of the same name, and at the start of
// a truncated one.
func Follow(ctx context.Context, path string, sink Sink) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	lines := newLines(file)
	for ctx.Err() == nil {
		if err := lines.drain(sink); err != nil {
			return err
		}
		if err := sink.Idle(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pollInterval):
		}
		again := successor(file, path)
		if again != nil {
			// Lines written between the last read and the rename.
			if err := lines.drain(sink); err != nil {
				return err
			}
			_ = file.Close()
			file = again
		} else if truncated, err := rewound(file); err != nil {
			return err
		} else if !truncated {
			continue
		}
		if err := lines.rest(sink); err != nil {
			return err
		}
		if err := sink.Restarted(); err != nil {
			return err
		}
		lines = newLines(file)
	}
	return nil
}

// successor opens the file that has the name now, if it is another one.
func successor(file *os.File, path string) *os.File {
	mine, err := file.Stat()
	if err != nil {
		return nil
	}
	named, err := os.Stat(path)
	if err != nil || os.SameFile(mine, named) {
		return nil
	}
	again, err := os.Open(path)
	if err != nil {
		return nil
	}
	return again
}

// rewound seeks to the start of a file that has become shorter than what was
// read of it, and reports whether it did.
func rewound(file *os.File) (bool, error) {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return false, err
	}
	at, err := file.Seek(0, io.SeekCurrent)
	if err != nil || info.Size() >= at {
		return false, err
	}
	_, err = file.Seek(0, io.SeekStart)
	return true, err
}

// lines splits its input. An incomplete line stays in part.
type lines struct {
	input *bufio.Reader
	part  []byte
	// long: the current line is over the limit and is skipped.
	long bool
}

func newLines(input io.Reader) *lines {
	return &lines{input: bufio.NewReaderSize(input, 1<<20)}
}

// next passes on one line; io.EOF means that none is complete.
func (l *lines) next(sink Sink) error {
	for {
		text, err := l.input.ReadSlice('\n')
		if len(l.part)+len(text) > MaxLineBytes {
			l.part, l.long = nil, true
		}
		if err == nil && len(l.part) == 0 && !l.long {
			return sink.Line(text[:len(text)-1], true, nil)
		}
		if !l.long {
			l.part = append(l.part, text...)
		}
		switch {
		case err == nil:
			return l.pass(sink, true)
		case !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}

// pass passes on the line in part.
func (l *lines) pass(sink Sink, complete bool) error {
	text, long := l.part, l.long
	l.part, l.long = nil, false
	if long {
		return sink.Line(nil, complete, ErrLongLine)
	}
	if complete {
		text = text[:len(text)-1]
	}
	return sink.Line(text, complete, nil)
}

// ready reports whether the next line is already buffered.
func (l *lines) ready() bool {
	text, _ := l.input.Peek(l.input.Buffered())
	return bytes.IndexByte(text, '\n') >= 0
}

// drain passes on all complete lines that are there.
func (l *lines) drain(sink Sink) error {
	for {
		err := l.next(sink)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// rest passes on the last line, if it has no end.
func (l *lines) rest(sink Sink) error {
	if len(l.part) == 0 && !l.long {
		return nil
	}
	return l.pass(sink, false)
}
