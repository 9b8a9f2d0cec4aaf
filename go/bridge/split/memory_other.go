//go:build !linux

package split

import (
	"errors"
	"io"
	"os"
)

// memory is shared memory, which only Linux has.
type memory struct{}

func newMemory() (*memory, error) {
	return nil, errors.New("cannot make shared memory: it needs Linux")
}

func (*memory) file() *os.File { return nil }

func (*memory) streams(in, out *os.File, _ string) (io.ReadCloser, io.WriteCloser) { return in, out }

func (*memory) shared() bool { return false }

func (*memory) close() error { return nil }
