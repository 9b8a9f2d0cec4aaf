#ifndef AGDBRIDGE_UTF8_H
#define AGDBRIDGE_UTF8_H

#include <cstddef>

namespace agdbridge {

// The number of ASCII bytes at the start.
size_t AsciiPrefix(const char* data, size_t size);

// The number of bytes of valid UTF-8 at the start: size, or the offset of the
// first invalid sequence; a character cut off by the end is one. Counts as
// decodeUtf8 of packages/jsonrpc1 does.
size_t Utf8Prefix(const char* data, size_t size);

}  // namespace agdbridge

#endif
