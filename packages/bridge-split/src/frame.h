#ifndef AGDSPLIT_FRAME_H
#define AGDSPLIT_FRAME_H

#include <napi.h>

#include <array>
#include <cstddef>

namespace agdsplit {

// Progress of an exchange that does not return a frame.
enum class Exchanged {
  // Nothing was written: the frame is too long, or there is no room.
  kUnsent = 0,
  // The frame was written; the response is still to be read, in the usual way.
  kSent = 1,
};

Napi::Value Told(Napi::Env env, Exchanged how_far);

// One frame with its newline, of at most kBytes bytes, on the stack. Longer
// frames, and inbound frames that are not ASCII, are left to the JavaScript
// path.
class ShortFrame {
 public:
  static constexpr size_t kBytes = 32 * 1024;

  // Copies JavaScript's text and adds the newline; false: that would be more
  // than `most` bytes.
  //
  // A lone surrogate becomes U+FFFD, as with Buffer. It cannot occur here: in a
  // frame that the codec wrote, it is an escape of ASCII.
  bool Take(Napi::Value text, size_t most = kBytes);

  const char* data() const { return bytes_.data(); }
  size_t size() const { return size_; }

  // The buffer for received bytes; this overwrites the frame taken before.
  char* Begin() { return bytes_.data(); }
  // Whether the first `count` bytes are one frame of ASCII, with its newline.
  bool IsWhole(size_t count) const;
  // The text of such a frame, without the newline.
  Napi::Value Text(Napi::Env env, size_t count) const;

 private:
  // The NUL that N-API appends, and a character that shows truncation.
  static constexpr size_t kSpare = 4;
  std::array<char, kBytes + kSpare> bytes_;
  size_t size_ = 0;
};

}  // namespace agdsplit

#endif
