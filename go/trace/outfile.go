package trace

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

// flushDelay is how long compressed lines may wait in memory.
const flushDelay = time.Second

// outFile is a trace's file, or the newest one of a rotation.
type outFile struct {
	path     string
	maxBytes int64
	file     *os.File
	// bytes are those of the file.
	bytes counted

	mu sync.Mutex
	// plain or packed is the writer.
	plain  *bufio.Writer
	packed *zstd.Encoder
	// flushing: a flush of packed is due.
	flushing bool
}

// counted counts the bytes that a file gets.
type counted struct {
	io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}

func openOut(path string, maxBytes int64) (*outFile, error) {
	o := &outFile{path: path, maxBytes: maxBytes}
	// Compressed data that a kill has cut cannot be continued.
	if o.compressed() {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
			if err := o.moveAside(); err != nil {
				return nil, err
			}
		}
	}
	return o, o.open()
}

func (o *outFile) compressed() bool { return strings.HasSuffix(o.path, CompressedSuffix) }

func (o *outFile) open() error {
	file, err := os.OpenFile(o.path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err == nil {
		err = endLine(file)
	}
	if err != nil {
		return err
	}
	size := int64(0)
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		size = info.Size()
	}
	o.file, o.bytes = file, counted{file, size}
	if o.compressed() {
		o.packed, err = newEncoder(&o.bytes)
		return err
	}
	o.plain = bufio.NewWriter(&o.bytes)
	return nil
}

// newEncoder returns an encoder that costs little time.
func newEncoder(out io.Writer) (*zstd.Encoder, error) {
	return zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
}

// endLine ends the last line of a regular file.
func endLine(file *os.File) error {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return err
	}
	last := make([]byte, 1)
	if _, err := file.ReadAt(last, info.Size()-1); err != nil || last[0] == '\n' {
		return err
	}
	_, err = file.WriteString("\n")
	return err
}

// write writes a line. Compressed lines reach the file within flushDelay.
func (o *outFile) write(line []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.maxBytes > 0 && o.bytes.n > 0 && o.bytes.n+int64(len(line)) > o.maxBytes {
		if err := o.rotate(); err != nil {
			return err
		}
	}
	if o.plain != nil {
		_, err := o.plain.Write(line)
		return errors.Join(err, o.plain.Flush())
	}
	if !o.flushing {
		o.flushing = true
		time.AfterFunc(flushDelay, o.flush)
	}
	_, err := o.packed.Write(line)
	return err
}

// flush passes on what is compressed. The next write reports an error.
func (o *outFile) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushing = false
	if o.packed != nil {
		_ = o.packed.Flush()
	}
}

// rotate renames the file and begins a new one.
func (o *outFile) rotate() error {
	o.end()
	if err := o.moveAside(); err != nil {
		return err
	}
	return o.open()
}

// moveAside renames the file to the next name of a rotation.
func (o *outFile) moveAside() error {
	numbers, err := rotatedNumbers(o.path)
	if err != nil {
		return err
	}
	next := 1
	if len(numbers) > 0 {
		next = numbers[len(numbers)-1] + 1
	}
	return os.Rename(o.path, rotatedName(o.path, next))
}

func (o *outFile) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.end()
}

func (o *outFile) end() {
	if o.packed != nil {
		_ = o.packed.Close()
		o.packed = nil
	}
	_ = o.file.Close()
}
