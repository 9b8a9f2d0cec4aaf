/*
 * The C interface of a Go library that packages/bridge-inproc can host.
 * go/bridge/inproc exports these functions: a Go program gets them by
 * importing it into a main package built with -buildmode=c-shared.
 *
 * Every buffer is a pointer and a length in bytes; nothing is NUL-terminated.
 * A frame is one JSON-RPC v1 message without its newline (docs/protocol.md).
 * All functions may be called from any thread.
 */
#ifndef AGDBRIDGE_H
#define AGDBRIDGE_H

#include <stddef.h>
#include <stdint.h>

/* Raised whenever a signature or an ownership rule below changes. */
#define AGDBRIDGE_ABI_VERSION 1

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Called by the Go library with one frame for JavaScript, in order, on any
 * thread, never after on_closed. It must not block and must not call back
 * into the library. The library owns data, which is valid during the call only.
 */
typedef void (*agdbridge_on_frame)(void *ctx, const char *data, size_t len);

/*
 * Called once for each opened bridge, last: the Go side has closed. exit_code
 * is what the process should exit with if the bridge was its purpose;
 * message/len say why. The library owns message, valid during the call only.
 */
typedef void (*agdbridge_on_closed)(void *ctx, int32_t exit_code,
                                    const char *message, size_t len);

/* The library's AGDBRIDGE_ABI_VERSION; check it before any other call. */
typedef uint32_t agdbridge_abi_version_fn(void);

/*
 * Opens a bridge and starts the Go program's side of it. config is JSON for
 * that program (agd: {"args":[...],"env":{...}}), owned by the caller.
 * Returns a handle, or 0: then *error (length *error_len) says why, owned by
 * the caller, to be released with agdbridge_free. ctx must stay valid until
 * on_closed has returned.
 */
typedef uint64_t agdbridge_open_fn(const char *config, size_t config_len,
                                   agdbridge_on_frame on_frame,
                                   agdbridge_on_closed on_closed, void *ctx,
                                   char **error, size_t *error_len);

/*
 * Takes one frame from JavaScript: copied before it returns, owned by the
 * caller. Returns 0, or -1 if the bridge is closed or unknown.
 */
typedef int32_t agdbridge_send_fn(uint64_t handle, const char *data, size_t len);

/*
 * Takes one request frame and blocks until its response is there; frames for
 * other purposes go to on_frame as usual. On 0, *response (length
 * *response_len) is the response frame, owned by the caller, to be released
 * with agdbridge_free. -1 if the bridge is closed or closes meanwhile.
 */
typedef int32_t agdbridge_call_fn(uint64_t handle, const char *data, size_t len,
                                  char **response, size_t *response_len);

/* Closes the JavaScript side's end; safe to repeat. on_closed follows. */
typedef void agdbridge_close_fn(uint64_t handle);

/* Releases a buffer that open or call handed out. */
typedef void agdbridge_free_fn(void *data);

#ifdef __cplusplus
}
#endif

/*
 * The library exports them as: agdbridge_abi_version, agdbridge_open,
 * agdbridge_send, agdbridge_call, agdbridge_close, agdbridge_free.
 */
#endif
