package supervisor

import (
	"bufio"
	"errors"
	"os"
	"strings"
	"sync"
	"time"
)

// Stream is one of the two streams of a process that people read.
type Stream string

const (
	Stdout Stream = "stdout"
	Stderr Stream = "stderr"
)

const (
	// maxLineBytes is where a longer line is broken in two.
	maxLineBytes = 64 << 10
	// tailLines is how many lines of standard error are kept for the last
	// words, and tailLineBytes how much of each.
	tailLines     = 12
	tailLineBytes = 1 << 10
	// outputGrace is how long after the VM's end its output is still read: a
	// process below it may hold the stream open.
	outputGrace = 500 * time.Millisecond
)

// output reads what the VM's process, and those below it, print.
type output struct {
	sink    func(Stream, string)
	readers []*os.File
	done    sync.WaitGroup

	mu   sync.Mutex
	tail []string
}

// newOutput returns the files to be the process' standard output and error,
// which the caller closes once the process has them.
func newOutput(sink func(Stream, string)) (o *output, stdout, stderr *os.File, err error) {
	outReader, stdout, err := os.Pipe()
	if err != nil {
		return nil, nil, nil, err
	}
	errReader, stderr, err := os.Pipe()
	if err != nil {
		return nil, nil, nil, errors.Join(err, outReader.Close(), stdout.Close())
	}
	if sink == nil {
		sink = func(Stream, string) {}
	}
	o = &output{sink: sink, readers: []*os.File{outReader, errReader}}
	o.done.Add(2)
	go o.read(Stdout, outReader)
	go o.read(Stderr, errReader)
	return o, stdout, stderr, nil
}

func (o *output) read(stream Stream, file *os.File) {
	defer o.done.Done()
	defer file.Close()
	reader := bufio.NewReaderSize(file, maxLineBytes)
	for {
		line, err := reader.ReadSlice('\n')
		if text := strings.TrimRight(string(line), "\r\n"); text != "" {
			o.take(stream, text)
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return // io.EOF, or closed by finish
		}
	}
}

// take takes a line as the VM wrote it. Everybody else gets it as it may be
// shown.
func (o *output) take(stream Stream, line string) {
	line = Visible(line)
	if stream == Stderr {
		o.mu.Lock()
		o.tail = append(o.tail, strings.ToValidUTF8(line[:min(len(line), tailLineBytes)], ""))
		if len(o.tail) > tailLines {
			o.tail = o.tail[1:]
		}
		o.mu.Unlock()
	}
	o.sink(stream, line)
}

// finish returns when everything was read, or after outputGrace. The process
// has ended by then.
func (o *output) finish() {
	read := make(chan struct{})
	go func() {
		o.done.Wait()
		close(read)
	}()
	select {
	case <-read:
	case <-time.After(outputGrace):
		for _, file := range o.readers {
			_ = file.SetReadDeadline(time.Unix(0, 1))
		}
	}
}

// lastLines returns the last lines of standard error.
func (o *output) lastLines() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string{}, o.tail...)
}
