package split

import (
	"io"
	"os"

	"github.com/agd-bridge/agd-bridge/go/bridge/shm"
)

// memory is the shared memory of an attachment.
type memory struct {
	*shm.Memory
	reader *shm.Reader // nil until streams
}

func newMemory() (*memory, error) {
	made, err := shm.New()
	if err != nil {
		return nil, err
	}
	return &memory{Memory: made}, nil
}

func (m *memory) file() *os.File { return m.File() }

func (m *memory) streams(in, out *os.File, peerName string) (io.ReadCloser, io.WriteCloser) {
	reader, writer := shm.Streams(in, out, m.Memory, peerName)
	m.reader = reader
	return reader, writer
}

func (m *memory) shared() bool { return m.reader != nil && m.reader.Shared() }

// close unmaps the memory. The bridge must be closed.
func (m *memory) close() error {
	if m.reader != nil {
		_ = m.reader.Close() // again, to wait until nothing of it runs
	}
	return m.Close()
}
