#ifndef AGDBRIDGE_TEXT_H
#define AGDBRIDGE_TEXT_H

#include <napi.h>

#include <cstddef>

#include "readable.h"
#include "utf8.h"

namespace agdbridge {

// Makes a JavaScript string of valid UTF-8. ASCII, the usual case, needs no
// decoding.
inline napi_status CreateText(napi_env env, const char* data, size_t size,
                              napi_value* text) {
  const char* const bytes = Readable(data, size);
  return AsciiPrefix(data, size) == size
             ? napi_create_string_latin1(env, bytes, size, text)
             : napi_create_string_utf8(env, bytes, size, text);
}

}  // namespace agdbridge

#endif
