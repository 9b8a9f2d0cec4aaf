/*
 * A library for the addon in plain C: echoes calls, counts its buffers, and
 * plays the Go side's part by config: "refuse" or anything else.
 * ABI_VERSION and WITHOUT_FREE are set on the compiler's command line.
 */
#include <stdlib.h>
#include <string.h>

#include "agdbridge.h"

#ifndef ABI_VERSION
#define ABI_VERSION AGDBRIDGE_ABI_VERSION
#endif

/* A handle is the address of one of these; they are never freed. */
struct bridge {
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
  *bridge = (struct bridge){frame, closed, exit, context};
  return (uintptr_t)bridge;
}

/* Sends the frame back, twice, and the number of buffers that are out. */
int32_t agdbridge_send(uint64_t handle, const char *data, size_t len) {
  struct bridge *b = bridge_of(handle);
  char count = (char)('0' + buffers);
  b->on_frame(b->ctx, data, len);
  b->on_frame(b->ctx, data, len);
  return b->on_frame(b->ctx, &count, 1);
}

int32_t agdbridge_call(uint64_t handle, const char *data, size_t len,
                       char **response, size_t *response_len) {
  (void)handle;
  *response = copy(data, len);
  *response_len = len;
  return AGDBRIDGE_OK;
}

void agdbridge_close(uint64_t handle) {
  struct bridge *b = bridge_of(handle);
  b->on_closed(b->ctx);
  b->on_exit(b->ctx, 7, "a\0b", 3);
}

#ifndef WITHOUT_FREE
void agdbridge_free(void *data) {
  if (data != NULL) buffers--;
  free(data);
}
#endif
