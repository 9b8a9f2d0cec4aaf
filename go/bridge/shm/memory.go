//go:build linux

// Package shm carries a split bridge's bytes through shared memory: two rings
// in a memfd, beside the two pipes. It offers package split two byte streams;
// frames, limits and errors are those of the pipes. docs/protocol.md has the
// layout and the rules. Its twin in TypeScript is
// packages/bridge-split/src/ring.ts.
//
// The memory's content is not trusted. Indices are checked against the ring's
// size at each use, each side keeps its own index outside the memory, bytes are
// copied out before they are parsed, and seals keep the file from shrinking
// under the mapping. Linux only.
package shm

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// The layout, in bytes. All numbers in the memory are 32 bits wide, in the
// machine's byte order, and accessed by atomic operations only.
const (
	magic       = 0x72646761 // "agdr"
	layout      = 1
	headerBytes = 4096
	// RingBytes is the size of each ring; a power of two.
	RingBytes = 1 << 21
	fileBytes = headerBytes + 2*RingBytes

	offMagic, offLayout, offRingBytes = 0, 4, 8
	// The rings' controls. Numbers that different sides write are in different
	// cache lines.
	controlToPeer, controlFromPeer = 1024, 2048

	offTail, offHead, offState, offBell, offProcessor = 0, 128, 256, 260, 264
)

// How a ring's producer must wake its consumer after a write.
const (
	awake    = 0 // not at all: the consumer polls
	asleep   = 1 // change bell and wake its futex
	doorbell = 2 // write a byte to the pipe
)

// Memory is the shared memory of one bridge. Its creator calls Close once its
// streams are no longer in use.
type Memory struct {
	file  *os.File
	bytes []byte
}

// New creates a memory whose size is sealed.
func New() (*Memory, error) {
	m, err := create()
	if err != nil {
		return nil, fmt.Errorf("cannot make shared memory: %w", err)
	}
	return m, nil
}

func create() (*Memory, error) {
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	// The peer must not be able to execute the memory. Linux before 6.3 does not
	// have this seal.
	fd, err := unix.MemfdCreate("agd-bridge", flags|unix.MFD_NOEXEC_SEAL)
	if errors.Is(err, unix.EINVAL) {
		fd, err = unix.MemfdCreate("agd-bridge", flags)
	}
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "agd-bridge")
	if err := file.Truncate(fileBytes); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	const seals = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	bytes, err := unix.Mmap(fd, 0, fileBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	m := &Memory{file, bytes}
	m.word(offMagic).Store(magic)
	m.word(offLayout).Store(layout)
	m.word(offRingBytes).Store(RingBytes)
	return m, nil
}

// File returns the file that the peer's process inherits. The Memory keeps its
// ownership.
func (m *Memory) File() *os.File { return m.file }

// Close unmaps the memory. None of its streams may be in use.
func (m *Memory) Close() error {
	bytes := m.bytes
	m.bytes = nil
	if bytes == nil {
		return nil
	}
	return errors.Join(unix.Munmap(bytes), m.file.Close())
}

func (m *Memory) word(offset int) *atomic.Uint32 {
	return (*atomic.Uint32)(unsafe.Pointer(&m.bytes[offset]))
}

// ring is one direction.
type ring struct {
	data                    []byte
	tail, head, state, bell *atomic.Uint32
	// processor is the producer's last reported CPU number plus 1; 0 if
	// unknown.
	processor *atomic.Uint32
	// stream names the peer's frames in errors, as in "from node".
	stream string
}

func (m *Memory) ring(control, index int, stream string) ring {
	start := headerBytes + index*RingBytes
	return ring{
		data: m.bytes[start : start+RingBytes],
		tail: m.word(control + offTail), head: m.word(control + offHead),
		state: m.word(control + offState), bell: m.word(control + offBell),
		processor: m.word(control + offProcessor),
		stream:    stream,
	}
}

func (m *Memory) toPeer(stream string) ring   { return m.ring(controlToPeer, 0, stream) }
func (m *Memory) fromPeer(stream string) ring { return m.ring(controlFromPeer, 1, stream) }

// fault returns the error for a violation of the protocol by the peer.
func (r *ring) fault(what string) error {
	return &bridge.ProtocolError{Message: r.stream + ": " + what}
}

// used returns the number of bytes between two indices.
func (r *ring) used(tail, head uint32) (int, error) {
	if n := tail - head; n <= RingBytes {
		return int(n), nil
	}
	return 0, r.fault("a ring in shared memory holds more than its size")
}

// copyOut copies bytes from an index on. It copies the part behind the ring's
// end separately.
func (r *ring) copyOut(p []byte, from uint32, n int) int {
	n = min(n, len(p))
	at := int(from % RingBytes)
	first := copy(p[:n], r.data[at:])
	copy(p[first:n], r.data)
	return n
}

// copyIn is the same, into the ring, which must have room for all of p.
func (r *ring) copyIn(p []byte, to uint32) {
	at := int(to % RingBytes)
	first := copy(r.data[at:], p)
	copy(r.data, p[first:])
}
