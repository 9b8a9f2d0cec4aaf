#ifndef AGDBRIDGE_READABLE_H
#define AGDBRIDGE_READABLE_H

#include <cstddef>

namespace agdbridge {

// For bytes passed to Node or to the library, which are not instrumented: in an
// AddressSanitizer build, reads the bytes here first.
inline const char* Readable(const char* data, size_t size) {
#ifdef __SANITIZE_ADDRESS__
  for (size_t at = 0; at < size; at++) {
    const volatile char seen = data[at];
    (void)seen;
  }
#else
  (void)size;
#endif
  return data;
}

}  // namespace agdbridge

#endif
