#include "frame.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace agdsplit {

Napi::Value Told(Napi::Env env, Exchanged how_far) {
  return Napi::Number::New(env, static_cast<int>(how_far));
}

bool ShortFrame::Take(Napi::Value text, size_t most) {
  const Napi::Env env = text.Env();
  // Writes what fits, never part of a character (at most four bytes), and a
  // NUL.
  size_t written = 0;
  if (napi_get_value_string_utf8(env, text, bytes_.data(),
                                 std::min(most + kSpare, bytes_.size()),
                                 &written) != napi_ok) {
    throw Napi::TypeError::New(env, "frame must be a string");
  }
  if (written >= most) return false;
  bytes_[written] = '\n';
  size_ = written + 1;
  return true;
}

bool ShortFrame::IsWhole(size_t count) const {
  if (count == 0 || bytes_[count - 1] != '\n' ||
      std::memchr(bytes_.data(), '\n', count - 1) != nullptr) {
    return false;
  }
  constexpr uint64_t kHighBits = 0x8080808080808080;
  uint64_t seen = 0;
  size_t at = 0;
  for (; at + sizeof seen <= count; at += sizeof seen) {
    uint64_t word;
    std::memcpy(&word, bytes_.data() + at, sizeof word);
    seen |= word;
  }
  for (; at < count; at++) seen |= static_cast<uint8_t>(bytes_[at]);
  return (seen & kHighBits) == 0;
}

Napi::Value ShortFrame::Text(Napi::Env env, size_t count) const {
  napi_value text;
  if (napi_create_string_latin1(env, bytes_.data(), count - 1, &text) !=
      napi_ok) {
    throw Napi::Error::New(env);
  }
  return Napi::Value(env, text);
}

}  // namespace agdsplit
