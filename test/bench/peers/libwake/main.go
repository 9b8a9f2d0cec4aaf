// Command libwake is the reference for the in-process backend: a library behind
// agdbridge.h that packages/bridge-inproc hosts, without the bridge itself. A
// goroutine wakes JavaScript with a frame, and JavaScript wakes the goroutine
// with another. A call returns its own bytes.
package main

/*
#include <stdlib.h>
#include "../../../../go/bridge/inproc/agdbridge.h"

// Go cannot call a C function through its pointer.
static inline int32_t call_on_frame(agdbridge_on_frame *f, void *ctx, const char *data, size_t len) {
	size_t room;
	return f(ctx, data, len, &room);
}
static inline void call_on_closed(agdbridge_on_closed *f, void *ctx) { f(ctx); }
static inline void call_on_exit(agdbridge_on_exit *f, void *ctx) { f(ctx, 0, "", 0); }
*/
import "C"

import (
	"bytes"
	"encoding/json"
	"errors"
	"unsafe"

	"github.com/agd-bridge/agd-bridge/go/bridge/bridgetest"
)

func main() {} // never runs

// host is the JavaScript side of the only bridge.
var host struct {
	onFrame  *C.agdbridge_on_frame
	onClosed *C.agdbridge_on_closed
	onExit   *C.agdbridge_on_exit
	ctx      unsafe.Pointer
}

// woken has an element for each frame that JavaScript has sent.
var woken = make(chan struct{}, 1)

// ping is JavaScript's order: a load, with frames of the given size in bytes.
type ping struct {
	Request int `json:"request"`
	bridgetest.Load
}

//export agdbridge_abi_version
func agdbridge_abi_version() C.uint32_t { return C.AGDBRIDGE_ABI_VERSION }

//export agdbridge_open
func agdbridge_open(
	config *C.char, configLen C.size_t,
	onFrame *C.agdbridge_on_frame, onClosed *C.agdbridge_on_closed, onExit *C.agdbridge_on_exit,
	ctx unsafe.Pointer, errorText **C.char, errorLen *C.size_t,
) C.uint64_t {
	host.onFrame, host.onClosed, host.onExit, host.ctx = onFrame, onClosed, onExit, ctx
	return 1
}

// A frame that begins with a brace is a ping; any other answers one.
//
//export agdbridge_send
func agdbridge_send(handle C.uint64_t, data *C.char, length C.size_t) C.int32_t {
	frame := unsafe.Slice((*byte)(unsafe.Pointer(data)), uint64(length))
	if frame[0] != '{' {
		woken <- struct{}{}
		return C.AGDBRIDGE_OK
	}
	var p ping
	err := json.Unmarshal(frame, &p)
	go answer(p, err)
	return C.AGDBRIDGE_OK
}

// answer makes the pings of a load, and reports the duration of each.
func answer(p ping, err error) {
	var took []int64
	if err == nil {
		frame := bytes.Repeat([]byte("x"), p.Request)
		took, err = bridgetest.Measure(p.Load, func() error {
			if !deliver(frame) {
				return errors.New("JavaScript takes no frame")
			}
			<-woken
			return nil
		})
	}
	told := map[string]any{"nanoseconds": took}
	if err != nil {
		told["error"] = err.Error()
	}
	text, _ := json.Marshal(told) // numbers and texts
	deliver(text)
}

func deliver(frame []byte) bool {
	data := (*C.char)(unsafe.Pointer(unsafe.SliceData(frame)))
	return C.call_on_frame(host.onFrame, host.ctx, data, C.size_t(len(frame))) == C.AGDBRIDGE_OK
}

//export agdbridge_call
func agdbridge_call(
	_ C.uint64_t, data *C.char, length C.size_t, response **C.char, responseLen *C.size_t,
) C.int32_t {
	// Copied in and out, as the bridge must.
	frame := bytes.Clone(unsafe.Slice((*byte)(unsafe.Pointer(data)), uint64(length)))
	*response, *responseLen = (*C.char)(C.CBytes(frame)), C.size_t(len(frame))
	return C.AGDBRIDGE_OK
}

//export agdbridge_close
func agdbridge_close(C.uint64_t) {
	C.call_on_closed(host.onClosed, host.ctx)
	C.call_on_exit(host.onExit, host.ctx)
}

//export agdbridge_free
func agdbridge_free(data unsafe.Pointer) { C.free(data) }
