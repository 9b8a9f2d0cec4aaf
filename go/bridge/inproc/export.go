package inproc

// #include <stdlib.h>
// #include "agdbridge.h"
import "C"

import (
	"unsafe"

	"github.com/agd-bridge/agd-bridge/go/bridge/jsonrpc1"
)

// The functions below are those of agdbridge.h, which documents behaviour and
// ownership.

//export agdbridge_abi_version
func agdbridge_abi_version() C.uint32_t { return C.AGDBRIDGE_ABI_VERSION }

//export agdbridge_open
func agdbridge_open(
	config *C.char, configLen C.size_t,
	onFrame *C.agdbridge_on_frame, onClosed *C.agdbridge_on_closed, onExit *C.agdbridge_on_exit,
	ctx unsafe.Pointer, errorText **C.char, errorLen *C.size_t,
) C.uint64_t {
	handle, err := library.open(copyIn(config, configLen), callbacks{onFrame, onClosed, onExit, ctx})
	if err != nil {
		*errorText, *errorLen = copyOut([]byte(err.Error()))
		return 0
	}
	return C.uint64_t(handle)
}

//export agdbridge_send
func agdbridge_send(handle C.uint64_t, data *C.char, length C.size_t) C.int32_t {
	s := library.find(uint64(handle))
	if s == nil {
		return C.AGDBRIDGE_CLOSED
	}
	select {
	case <-s.peer.Closed():
		return C.AGDBRIDGE_CLOSED
	default:
	}
	s.peer.Receive(s.copyFrame(data, length))
	return C.AGDBRIDGE_OK
}

//export agdbridge_call
func agdbridge_call(
	handle C.uint64_t, data *C.char, length C.size_t, response **C.char, responseLen *C.size_t,
) C.int32_t {
	s := library.find(uint64(handle))
	if s == nil {
		return C.AGDBRIDGE_CLOSED
	}
	answer, err := s.peer.CallIn(s.copyFrame(data, length))
	if err != nil {
		<-s.peer.Closed() // on_closed comes before that
		return C.AGDBRIDGE_CLOSED
	}
	*response, *responseLen = copyOut(answer)
	jsonrpc1.Recycle(answer)
	return C.AGDBRIDGE_OK
}

//export agdbridge_close
func agdbridge_close(handle C.uint64_t) {
	if s := library.find(uint64(handle)); s != nil {
		s.peer.End(nil)
	}
}

//export agdbridge_free
func agdbridge_free(data unsafe.Pointer) { C.free(data) }

// copyFrame copies a frame from the caller's memory. It copies only one byte
// more than MaxFrameBytes of a frame over the limit, which is enough for the
// engine to refuse it.
func (s *session) copyFrame(data *C.char, length C.size_t) []byte {
	return copyIn(data, min(length, C.size_t(s.peer.Limits().MaxFrameBytes)+1))
}

// copyIn copies a buffer of the caller's into Go's memory.
func copyIn(data *C.char, length C.size_t) []byte {
	return append([]byte{}, unsafe.Slice((*byte)(unsafe.Pointer(data)), uint64(length))...)
}

// copyOut copies bytes into a buffer of C's malloc, which the caller releases
// with agdbridge_free.
func copyOut(b []byte) (*C.char, C.size_t) {
	return (*C.char)(C.CBytes(b)), C.size_t(len(b))
}
