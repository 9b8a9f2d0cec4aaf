package supervisor

import (
	"bufio"
	"errors"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/agd-bridge/agd-bridge/go/internal/visible"
)

// Stream is standard output or standard error.
type Stream string

const (
	Stdout Stream = "stdout"
	Stderr Stream = "stderr"
)

const (
	// maxLineBytes is the length at which a line is split.
	maxLineBytes = 64 << 10
	// tailLines is how many lines of standard error are kept for LastWords, and
	// tailLineBytes how many bytes of each.
	tailLines     = 12
	tailLineBytes = 1 << 10
	// outputGrace is how long the output is still read after the VM's exit,
	// because a descendant may hold the stream open.
	outputGrace = 500 * time.Millisecond
)

// orphans matches the last line of a worker (xsnap-worker) whose VM is gone.
var orphans = regexp.MustCompile(`^(Caught SIGPIPE|Got EOF on netstring read)\. Has parent died\?$`)

// IsOrphans reports whether a line of standard error is a worker's report that
// the VM has ended. There may be one for each worker, and agd reports the VM's
// end itself.
func IsOrphans(line string) bool { return orphans.MatchString(line) }

// output reads what the VM's process and its descendants print.
type output struct {
	sink    func(Stream, string)
	readers []*os.File
	done    sync.WaitGroup

	mu   sync.Mutex
	tail []string
}

// newOutput returns the files for the process's standard output and error. The
// caller closes them after it has started the process.
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

// take takes a line as the VM wrote it, and passes on only its Visible form.
func (o *output) take(stream Stream, line string) {
	line = visible.Text(line)
	if stream == Stderr && !IsOrphans(line) {
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
// must have exited.
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
