/*
 * The C interface of a Go library that packages/bridge-inproc can host.
 * go/bridge/inproc exports these functions: a Go program gets them by
 * importing it into a main package built with -buildmode=c-shared.
 *
 * Every buffer is a pointer and a length in bytes; nothing is NUL-terminated,
 * and NUL is a byte like any other. A frame is one JSON-RPC v1 message without
 * its newline (docs/protocol.md).
 *
 * All functions may be called from any thread; send and call, for one bridge,
 * from one thread at a time. The frames of one bridge keep the order in which
 * they were sent, in each direction; agdbridge_call counts as the sending of
 * its request.
 *
 * The sequence of calls in a bridge's life:
 *
 *   agdbridge_open -> on_frame* -> on_closed -> on_exit
 */
#ifndef AGDBRIDGE_H
#define AGDBRIDGE_H

#include <stddef.h>
#include <stdint.h>

/* Raised whenever a signature or an ownership rule below changes. */
#define AGDBRIDGE_ABI_VERSION 2

#ifdef __cplusplus
extern "C" {
#endif

/* What the functions and on_frame return. */
#define AGDBRIDGE_OK 0
#define AGDBRIDGE_CLOSED (-1) /* the bridge is closed, or unknown */
#define AGDBRIDGE_FULL (-2)   /* on_frame only: not now, too much waits */

/*
 * Takes one frame for JavaScript; never called after on_closed. data and room
 * belong to the library and are valid during the call only: what is kept is
 * copied. Returns AGDBRIDGE_OK;
 * AGDBRIDGE_CLOSED if JavaScript takes no more: it has closed the bridge, or
 * the frame breaks a rule (too long, not valid UTF-8); the library then closes
 * its side; or
 * AGDBRIDGE_FULL if the queue of frames for JavaScript has no room: the frame
 * was not accepted, *room is the number of bytes that would be, and the
 * bridge stays open.
 *
 * The three callbacks run one at a time for each bridge, on any thread: on
 * the library's own, or inside one of the functions below on its caller's.
 * They must not block, call back into the library, or throw.
 */
typedef int32_t agdbridge_on_frame(void *ctx, const char *data, size_t len,
                                   size_t *room);

/*
 * The Go side's end of the bridge is closed, by either side: no frame follows.
 * Called once. The Go program may still be at work, ending.
 */
typedef void agdbridge_on_closed(void *ctx);

/*
 * The Go program of this bridge has exited. Called once, last. exit_code
 * is what the process should exit with if the bridge was its purpose; message
 * (length len; empty for a clean end) is the reason, belongs to the library and is
 * valid during the call only. The library does not use ctx again.
 */
typedef void agdbridge_on_exit(void *ctx, int32_t exit_code,
                               const char *message, size_t len);

/* The library's AGDBRIDGE_ABI_VERSION; check it before any other call. */
typedef uint32_t agdbridge_abi_version_fn(void);

/*
 * Opens a bridge and starts the Go program's side of it. config is JSON for
 * that program, owned by the caller and copied before this returns. Returns a
 * handle, or 0: then no callback is ever called, and *error (length
 * *error_len) says why, owned by the caller from then on, to be released with
 * agdbridge_free. ctx belongs to the caller and must stay valid until on_exit
 * is called, which is the place to release it; callbacks, on_exit too, may run
 * before open returns.
 */
typedef uint64_t agdbridge_open_fn(const char *config, size_t config_len,
                                   agdbridge_on_frame *on_frame,
                                   agdbridge_on_closed *on_closed,
                                   agdbridge_on_exit *on_exit, void *ctx,
                                   char **error, size_t *error_len);

/*
 * Takes one frame from JavaScript; data is owned by the caller and copied
 * before this returns. Does not wait for a handler. Returns AGDBRIDGE_OK or
 * AGDBRIDGE_CLOSED.
 */
typedef int32_t agdbridge_send_fn(uint64_t handle, const char *data,
                                  size_t len);

/*
 * Takes one request frame, as agdbridge_send does, and blocks until its
 * response is there; frames for other purposes go to on_frame as usual.
 * Returns AGDBRIDGE_OK, and *response (length *response_len) is the response
 * frame, owned by the caller from then on, to be released with agdbridge_free;
 * it may break a rule, as any frame may; or
 * AGDBRIDGE_CLOSED, also if the bridge closes during the call. on_closed has
 * then returned, so the caller can distinguish frames sent before from lost ones.
 */
typedef int32_t agdbridge_call_fn(uint64_t handle, const char *data, size_t len,
                                  char **response, size_t *response_len);

/*
 * Closes the JavaScript side's end; safe to repeat and on an unknown handle.
 * on_closed follows, and on_exit when the Go program has exited.
 */
typedef void agdbridge_close_fn(uint64_t handle);

/*
 * Releases a buffer that open or call handed out, also after the bridge's end.
 * The library has it from its own malloc: no other free will do. NULL is
 * allowed.
 */
typedef void agdbridge_free_fn(void *data);

#ifdef __cplusplus
}
#endif

/*
 * The library exports them as: agdbridge_abi_version, agdbridge_open,
 * agdbridge_send, agdbridge_call, agdbridge_close, agdbridge_free.
 */
#endif
