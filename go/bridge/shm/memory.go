// Package shm carries a split bridge's bytes through shared memory: two rings
// in a memfd, beside the two pipes. It gives package split two streams like
// any others; frames, limits and errors are those of the pipes. The layout and
// the rules are in docs/protocol.md; its twin in TypeScript is
// packages/bridge-split/src/ring.ts.
//
// Nothing in the memory is trusted: indices are checked against the ring's
// size at each use, each side keeps its own index to itself, bytes are copied
// out before anybody looks at them, and seals keep the file from shrinking
// under the mapping. Linux only.
package shm

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The layout, in bytes. All numbers in the memory are 32 bits wide, in the
// machine's byte order, and changed by atomic operations only.
const (
	magic       = 0x72646761 // "agdr"
	layout      = 1
	headerBytes = 4096
	// RingBytes is the size of each ring; a power of two.
	RingBytes = 1 << 21
	fileBytes = headerBytes + 2*RingBytes

	offMagic, offLayout, offRingBytes = 0, 4, 8
	// The rings' controls; each number that one side writes has a cache line
	// of its own.
	controlToVM, controlToAgd = 1024, 2048

	offTail, offHead, offState, offBell, offProcessor = 0, 128, 256, 260, 264
)

// What a ring's consumer wants of its producer, once bytes are there.
const (
	awake    = 0 // nothing: it looks by itself
	asleep   = 1 // a change of bell, and a futex wake of it
	doorbell = 2 // a byte in the pipe
)

// Memory is the shared memory of one bridge. Whoever made it calls Close, once
// nothing uses its streams any more.
type Memory struct {
	file  *os.File
	bytes []byte
}

// New makes a memory whose size nobody can change any more.
func New() (*Memory, error) {
	m, err := create()
	if err != nil {
		return nil, fmt.Errorf("cannot make shared memory: %w", err)
	}
	return m, nil
}

func create() (*Memory, error) {
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	// The VM must not execute what it writes there. Linux before 6.3 knows no
	// such seal.
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

// File is what the VM's process inherits. It stays the Memory's.
func (m *Memory) File() *os.File { return m.file }

// Close unmaps the memory: no stream of it may be in use.
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
	// processor is where the producer ran when it was last heard of, and 1; 0:
	// it did not say.
	processor *atomic.Uint32
}

func (m *Memory) ring(control, index int) ring {
	start := headerBytes + index*RingBytes
	return ring{
		data: m.bytes[start : start+RingBytes],
		tail: m.word(control + offTail), head: m.word(control + offHead),
		state: m.word(control + offState), bell: m.word(control + offBell),
		processor: m.word(control + offProcessor),
	}
}

func (m *Memory) toVM() ring  { return m.ring(controlToVM, 0) }
func (m *Memory) toAgd() ring { return m.ring(controlToAgd, 1) }

// used is how many bytes lie between two indices.
func used(tail, head uint32) (int, error) {
	if n := tail - head; n <= RingBytes {
		return int(n), nil
	}
	return 0, fault("a ring in shared memory holds more than its size")
}

// copyOut copies bytes from an index on; the rest of what is there is a second
// part, behind the ring's seam.
func (r *ring) copyOut(p []byte, from uint32, n int) int {
	n = min(n, len(p))
	at := int(from % RingBytes)
	first := copy(p[:n], r.data[at:])
	copy(p[first:n], r.data)
	return n
}

// copyIn is the same, into the ring.
func (r *ring) copyIn(p []byte, to uint32, room int) int {
	n := min(room, len(p))
	at := int(to % RingBytes)
	first := copy(r.data[at:], p[:n])
	copy(r.data, p[first:n])
	return n
}
