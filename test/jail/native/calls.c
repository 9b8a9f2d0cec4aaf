// call(number, ...arguments): a system call that JavaScript has no name for.
// Arguments are numbers, or Buffers, whose address is passed. Returns what the
// call did, or its errno, negative.

#include <errno.h>
#include <node_api.h>
#include <stdint.h>
#include <unistd.h>

#define MOST 7

static napi_value Call(napi_env env, napi_callback_info info) {
  size_t count = MOST;
  napi_value arguments[MOST];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  long values[MOST] = {0};
  for (size_t i = 0; i < count && i < MOST; i++) {
    bool is_buffer = false;
    napi_is_buffer(env, arguments[i], &is_buffer);
    if (is_buffer) {
      void* data = NULL;
      size_t length = 0;
      napi_get_buffer_info(env, arguments[i], &data, &length);
      values[i] = (long)data;
    } else {
      int64_t value = 0;
      napi_get_value_int64(env, arguments[i], &value);
      values[i] = value;
    }
  }
  errno = 0;
  const long result = syscall(values[0], values[1], values[2], values[3],
                              values[4], values[5], values[6]);
  napi_value returned;
  napi_create_int64(env, result == -1 && errno != 0 ? -errno : result,
                    &returned);
  return returned;
}

NAPI_MODULE_INIT() {
  napi_value call;
  napi_create_function(env, "call", NAPI_AUTO_LENGTH, Call, NULL, &call);
  napi_set_named_property(env, exports, "call", call);
  return exports;
}
