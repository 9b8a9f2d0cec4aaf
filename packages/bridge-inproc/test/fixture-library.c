/*
 * A library for the addon in plain C: echoes calls, counts its buffers, and
 * plays the Go side's part by config: "refuse" or anything else. A frame with
 * raw:<hexadecimal digits>:<number> in it is answered by the bytes that the
 * digits spell, so many times.
 * ABI_VERSION and WITHOUT_FREE are set on the compiler's command line.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "agdbridge.h"

#ifndef ABI_VERSION
#define ABI_VERSION AGDBRIDGE_ABI_VERSION
#endif

/* A handle is the address of one of these, until it is closed. */
struct bridge {
  int closed;
  agdbridge_on_frame *on_frame;
  agdbridge_on_closed *on_closed;
  agdbridge_on_exit *on_exit;
  void *ctx;
};

static struct bridge *bridge_of(uint64_t handle) {
  return (struct bridge *)(uintptr_t)handle;
}

static int buffers;

uint32_t agdbridge_abi_version(void) { return ABI_VERSION; }

static char *copy(const char *data, size_t len) {
  char *buffer = malloc(len + 1);
  memcpy(buffer, data, len);
  buffers++;
  return buffer;
}

/* The bytes that a frame spells; NULL if there are none. */
static char *spelled(const char *frame, size_t len, size_t *raw_len) {
  const char *at = memmem(frame, len, "raw:", 4);
  if (at == NULL) return NULL;
  at += 4;
  size_t count = ((const char *)memchr(at, ':', frame + len - at) - at) / 2;
  size_t times = strtoul(at + 2 * count + 1, NULL, 10); /* ends at a quote */
  *raw_len = count * times;
  char *raw = malloc(*raw_len + 1);
  for (size_t i = 0; i < *raw_len; i++) {
    const char *pair = at + 2 * (i % count);
    const char digits[] = {pair[0], pair[1], '\0'};
    raw[i] = (char)strtoul(digits, NULL, 16);
  }
  return raw;
}

uint64_t agdbridge_open(const char *config, size_t config_len,
                        agdbridge_on_frame *frame, agdbridge_on_closed *closed,
                        agdbridge_on_exit *exit, void *context, char **error,
                        size_t *error_len) {
  if (config_len == 8 && memcmp(config, "\"refuse\"", 8) == 0) {
    static const char text[] = "refused: a\0b";
    *error_len = sizeof text - 1;
    *error = copy(text, *error_len);
    return 0;
  }
  struct bridge *bridge = malloc(sizeof *bridge);
  *bridge = (struct bridge){0, frame, closed, exit, context};
  return (uintptr_t)bridge;
}

static void end(struct bridge *b) {
  if (!b->closed) b->on_closed(b->ctx);
  b->closed = 1;
}

/* Sends a frame; ends the bridge if the addon does not accept it. */
static int32_t deliver(struct bridge *b, const char *data, size_t len) {
  if (b->closed) return AGDBRIDGE_CLOSED;
  size_t room;
  int32_t status = b->on_frame(b->ctx, data, len, &room);
  if (status == AGDBRIDGE_CLOSED) end(b);
  return status;
}

/* Sends the frame back, twice, and the number of buffers in use. */
int32_t agdbridge_send(uint64_t handle, const char *data, size_t len) {
  struct bridge *b = bridge_of(handle);
  size_t raw_len;
  char *raw = spelled(data, len, &raw_len);
  if (raw != NULL) {
    int32_t status = deliver(b, raw, raw_len);
    free(raw);
    return status;
  }
  char count = (char)('0' + buffers);
  deliver(b, data, len);
  deliver(b, data, len);
  return deliver(b, &count, 1);
}

int32_t agdbridge_call(uint64_t handle, const char *data, size_t len,
                       char **response, size_t *response_len) {
  (void)handle;
  char *raw = spelled(data, len, response_len);
  if (raw == NULL) *response_len = len;
  *response = copy(raw == NULL ? data : raw, *response_len);
  free(raw);
  return AGDBRIDGE_OK;
}

void agdbridge_close(uint64_t handle) {
  struct bridge *b = bridge_of(handle);
  end(b);
  b->on_exit(b->ctx, 7, "a\0b", 3);
  free(b);
}

#ifndef WITHOUT_FREE
void agdbridge_free(void *data) {
  if (data != NULL) buffers--;
  free(data);
}
#endif
