#ifndef AGDBRIDGE_UTF8_H
#define AGDBRIDGE_UTF8_H

#include <cstddef>

namespace agdbridge {

// How many bytes from the start are ASCII.
size_t AsciiPrefix(const char* data, size_t size);

// How many bytes from the start are valid UTF-8: size, or where the first
// invalid sequence starts, a character that the end cuts off included. As
// decodeUtf8 of packages/jsonrpc1 counts.
size_t Utf8Prefix(const char* data, size_t size);

}  // namespace agdbridge

#endif
