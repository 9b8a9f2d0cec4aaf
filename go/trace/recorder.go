package trace

import (
	"encoding/binary"
	"sync"
	"time"
)

// Recorder is a flight recorder: it keeps the last frames in a fixed memory,
// and the first ones, which start the kernel. Recording a frame copies its bytes
// and allocates nothing. Safe for concurrent use.
type Recorder struct {
	mu sync.Mutex
	// opening are the first frames. They stop at openingBytes.
	opening []byte
	opened  bool
	// ring has the frames between the offsets oldest and next, which only grow;
	// an offset's place is its remainder by len(ring).
	ring         []byte
	oldest, next uint64
}

// LeastRecorderBytes is the smallest memory of a Recorder.
const LeastRecorderBytes = 64 << 10

// headerBytes precede each frame: its length, the time in nanoseconds since
// 1970, and the side that sent it.
const headerBytes = 4 + 8 + 1

// NewRecorder returns a recorder with this much memory, at least
// LeastRecorderBytes.
func NewRecorder(bytes int) *Recorder {
	opening := min(bytes/8, 1<<20)
	return &Recorder{opening: make([]byte, 0, opening), ring: make([]byte, bytes-opening)}
}

// record keeps a copy of the frame.
func (r *Recorder) record(at time.Time, from side, frame []byte) {
	var header [headerBytes]byte
	binary.LittleEndian.PutUint32(header[:], uint32(len(frame)))
	binary.LittleEndian.PutUint64(header[4:], uint64(at.UnixNano()))
	header[12] = byte(from)
	size := uint64(headerBytes + len(frame))

	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.opened {
		if int(size) <= cap(r.opening)-len(r.opening) {
			r.opening = append(append(r.opening, header[:]...), frame...)
			return
		}
		r.opened = true
	}
	if size > uint64(len(r.ring)) { // what is before it would lack it
		r.next += size
		r.oldest = r.next
		return
	}
	for r.next+size-r.oldest > uint64(len(r.ring)) {
		var length [4]byte
		r.get(r.oldest, length[:])
		r.oldest += headerBytes + uint64(binary.LittleEndian.Uint32(length[:]))
	}
	r.put(header[:])
	r.put(frame)
}

// put appends to the ring.
func (r *Recorder) put(data []byte) {
	n := copy(r.ring[r.next%uint64(len(r.ring)):], data)
	copy(r.ring, data[n:])
	r.next += uint64(len(data))
}

// get copies from an offset of the ring.
func (r *Recorder) get(at uint64, data []byte) {
	n := copy(data, r.ring[at%uint64(len(r.ring)):])
	copy(data[n:], r.ring)
}

// recorded are the frames of a Recorder at one time, each with its header.
type recorded struct {
	opening, last []byte
	// gap: frames between the two are lost.
	gap bool
}

func (r *Recorder) snapshot() recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := make([]byte, r.next-r.oldest)
	r.get(r.oldest, last)
	return recorded{opening: append([]byte(nil), r.opening...), last: last, gap: r.oldest > 0}
}

// each calls do for each frame. It ends at the first error.
func each(frames []byte, do func(at time.Time, from side, frame []byte) error) error {
	for len(frames) > 0 {
		end := headerBytes + int(binary.LittleEndian.Uint32(frames))
		at := time.Unix(0, int64(binary.LittleEndian.Uint64(frames[4:]))).UTC()
		if err := do(at, side(frames[12]), frames[headerBytes:end]); err != nil {
			return err
		}
		frames = frames[end:]
	}
	return nil
}
