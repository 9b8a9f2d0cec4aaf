#include "utf8.h"

#include <cstdint>
#include <cstring>

namespace agdbridge {

namespace {

// The length of the valid sequence at the start of at least one byte, or 0 (RFC
// 3629, section 4: no overlong form, no surrogate, at most U+10FFFF).
size_t SequenceLength(const uint8_t* at, size_t size) {
  const uint8_t lead = at[0];
  if (lead < 0x80) return 1;
  size_t length = 2;
  uint8_t low = 0x80;  // of the second byte
  uint8_t high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  } else {
    return 0;
  }
  if (size < length || at[1] < low || at[1] > high) return 0;
  for (size_t i = 2; i < length; i++) {
    if ((at[i] & 0xc0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

size_t AsciiPrefix(const char* data, size_t size) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  // Large enough that the compiler uses vectors, small enough to find the byte.
  constexpr size_t kBlock = 8;
  uint64_t words[kBlock];
  size_t at = 0;
  for (; size - at >= sizeof words; at += sizeof words) {
    std::memcpy(words, data + at, sizeof words);
    uint64_t seen = 0;
    for (const uint64_t word : words) seen |= word;
    if ((seen & kHighBits) != 0) break;
  }
  while (at < size && (data[at] & 0x80) == 0) at++;
  return at;
}

size_t Utf8Prefix(const char* data, size_t size) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(data);
  size_t at = 0;
  for (;;) {
    at += AsciiPrefix(data + at, size - at);
    // Non-ASCII characters usually come in groups.
    while (at < size && bytes[at] >= 0x80) {
      const size_t length = SequenceLength(bytes + at, size - at);
      if (length == 0) return at;
      at += length;
    }
    if (at == size) return at;
  }
}

}  // namespace agdbridge
