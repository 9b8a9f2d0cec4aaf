package trace

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// CompressedSuffix ends the name of a file that is compressed with Zstandard.
const CompressedSuffix = ".zst"

// Stdin is the name of standard input.
const Stdin = "-"

// zstdMagic begins each frame of Zstandard (RFC 8878, section 3.1.1).
var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

// Input is a trace that is open for reading, decompressed: one file, or the
// files of a rotation one after the other, oldest first. It holds one buffer in
// memory. For one goroutine.
type Input struct {
	stdin io.Reader
	// files are left to open.
	files   []string
	current io.ReadCloser
	// starts are the files that were opened, each with its first line.
	starts []fileStart
	// newlines counts those that were read; last is the last byte read.
	newlines int
	last     byte
}

type fileStart struct {
	name string
	line int
}

var _ io.ReadCloser = (*Input)(nil)

// OpenInput opens the trace of this name. Files that a Tracer has rotated belong
// to it. Stdin names the given reader. The caller closes the Input.
func OpenInput(name string, stdin io.Reader) (*Input, error) {
	files, err := Files(name)
	if err != nil {
		return nil, err
	}
	in := &Input{stdin: stdin, last: '\n', files: files}
	if name != Stdin {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			return nil, &IsDirError{Name: name}
		}
		// An absent file is an error now, not after those before it.
		if file, err := os.Open(name); err != nil {
			return nil, err
		} else if err := file.Close(); err != nil {
			return nil, err
		}
	}
	return in, in.next()
}

// IsDirError is a directory in place of a trace.
type IsDirError struct{ Name string }

func (e *IsDirError) Error() string { return e.Name + " is a directory" }

// Read implements io.Reader. Compressed data that is cut ends there, as a file
// of an agd that was killed does.
func (in *Input) Read(p []byte) (int, error) {
	for {
		n, err := in.current.Read(p)
		if n > 0 {
			in.newlines += bytes.Count(p[:n], []byte{'\n'})
			in.last = p[n-1]
			return n, nil
		}
		switch {
		case err == nil:
			continue
		case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return 0, fmt.Errorf("%s: %w", in.starts[len(in.starts)-1].name, err)
		case len(in.files) == 0:
			return 0, io.EOF
		}
		if in.last != '\n' && len(p) > 0 { // the next file begins a line
			p[0], in.last = '\n', '\n'
			in.newlines++
			return 1, nil
		}
		if err := in.next(); err != nil {
			return 0, err
		}
	}
}

// Close implements io.Closer.
func (in *Input) Close() error { return in.current.Close() }

// Where returns the file and the line in it, as "trace.jsonl:7", of a line of
// the whole trace that was read, from 1.
func (in *Input) Where(line int) string {
	at := in.starts[0]
	for _, start := range in.starts {
		if start.line <= line {
			at = start
		}
	}
	return fmt.Sprintf("%s:%d", at.name, line-at.line+1)
}

// next opens the next file.
func (in *Input) next() error {
	name := in.files[0]
	in.files = in.files[1:]
	var file io.ReadCloser = io.NopCloser(in.stdin)
	if name != Stdin {
		if in.current != nil {
			if err := in.current.Close(); err != nil {
				return err
			}
		}
		opened, err := os.Open(name)
		if err != nil {
			return err
		}
		file = opened
	}
	var err error
	if in.current, err = decompressed(file); err != nil {
		_ = file.Close()
		return fmt.Errorf("%s: %w", name, err)
	}
	in.starts = append(in.starts, fileStart{name, in.newlines + 1})
	return nil
}

// decompressed takes over a file. It looks at the content, not at the name.
func decompressed(file io.ReadCloser) (io.ReadCloser, error) {
	buffered := bufio.NewReader(file)
	if start, err := buffered.Peek(len(zstdMagic)); err != nil || !bytes.Equal(start, zstdMagic) {
		return readCloser{buffered, file.Close}, nil
	}
	decoder, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return readCloser{decoder, func() error {
		decoder.Close()
		return file.Close()
	}}, nil
}

type readCloser struct {
	io.Reader
	close func() error
}

func (r readCloser) Close() error { return r.close() }

// rotatedName returns the name of the nth file that was rotated, from 1:
// trace.jsonl.1, trace.jsonl.1.zst.
func rotatedName(name string, n int) string {
	base, compressed := strings.CutSuffix(name, CompressedSuffix)
	base += "." + strconv.Itoa(n)
	if compressed {
		base += CompressedSuffix
	}
	return base
}

// Files returns the names of the files that OpenInput reads for a trace, oldest
// first.
func Files(name string) ([]string, error) {
	if name == Stdin {
		return []string{name}, nil
	}
	numbers, err := rotatedNumbers(name)
	files := make([]string, 0, len(numbers)+1)
	for _, n := range numbers {
		files = append(files, rotatedName(name, n))
	}
	return append(files, name), err
}

func rotatedNumbers(name string) ([]int, error) {
	entries, err := os.ReadDir(filepath.Dir(name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var numbers []int
	for _, entry := range entries {
		base, _ := strings.CutSuffix(name, CompressedSuffix)
		rest, ok := strings.CutPrefix(entry.Name(), filepath.Base(base)+".")
		n, failed := strconv.Atoi(strings.TrimSuffix(rest, CompressedSuffix))
		if ok && failed == nil && n > 0 && entry.Name() == filepath.Base(rotatedName(name, n)) {
			numbers = append(numbers, n)
		}
	}
	slices.SortFunc(numbers, cmp.Compare[int])
	return numbers, err
}
