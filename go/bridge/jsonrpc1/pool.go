package jsonrpc1

import "sync"

// The capacities of frames that are worth reusing. New memory must be cleared
// and collected.
const (
	fewBytes  = 4 << 10
	manyBytes = 4 << 20
)

var frames sync.Pool // of *[]byte

// newFrame returns an empty frame with room for size bytes.
func newFrame(size int) []byte {
	if size < fewBytes || size > manyBytes {
		return make([]byte, 0, size)
	}
	if old, _ := frames.Get().(*[]byte); old != nil && cap(*old) >= size {
		return (*old)[:0]
	}
	return make([]byte, 0, size)
}

// Recycle takes back a frame that this package encoded and that is no longer
// used. A carrier calls it once it has written the frame.
func Recycle(frame []byte) {
	if cap(frame) >= fewBytes && cap(frame) <= manyBytes {
		frame = frame[:0]
		frames.Put(&frame)
	}
}
