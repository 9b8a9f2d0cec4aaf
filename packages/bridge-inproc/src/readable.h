#ifndef AGDBRIDGE_READABLE_H
#define AGDBRIDGE_READABLE_H

#include <cstddef>

namespace agdbridge {

// For bytes that are handed to Node or to the library, which AddressSanitizer
// does not see into: in its build, reads them here first.
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
