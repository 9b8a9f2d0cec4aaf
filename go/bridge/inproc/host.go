package inproc

/*
#include "agdbridge.h"

// Go cannot call a C function through its pointer.
static inline int32_t call_on_frame(agdbridge_on_frame *f, void *ctx, const char *data, size_t len, size_t *room) {
	return f(ctx, data, len, room);
}
static inline void call_on_closed(agdbridge_on_closed *f, void *ctx) { f(ctx); }
static inline void call_on_exit(agdbridge_on_exit *f, void *ctx, int32_t exit_code, const char *message, size_t len) {
	f(ctx, exit_code, message, len);
}
*/
import "C"

import "unsafe"

// callbacks is the host on the other side of agdbridge.h. The bytes that it
// passes belong to Go and are valid during the call only.
type callbacks struct {
	onFrame  *C.agdbridge_on_frame
	onClosed *C.agdbridge_on_closed
	onExit   *C.agdbridge_on_exit
	ctx      unsafe.Pointer
}

var _ host = callbacks{}

func (c callbacks) frame(frame []byte) error {
	data := (*C.char)(unsafe.Pointer(unsafe.SliceData(frame)))
	var room C.size_t
	switch C.call_on_frame(c.onFrame, c.ctx, data, C.size_t(len(frame)), &room) {
	case C.AGDBRIDGE_OK:
		return nil
	case C.AGDBRIDGE_FULL:
		return fullError{room: int(room)}
	default:
		return errPeerClosed
	}
}

func (c callbacks) closed() { C.call_on_closed(c.onClosed, c.ctx) }

func (c callbacks) exit(exitCode int, message string) {
	data := (*C.char)(unsafe.Pointer(unsafe.StringData(message)))
	C.call_on_exit(c.onExit, c.ctx, C.int32_t(exitCode), data, C.size_t(len(message)))
}
