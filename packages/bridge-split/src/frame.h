#ifndef AGDSPLIT_FRAME_H
#define AGDSPLIT_FRAME_H

#include <napi.h>

#include <array>
#include <climits>
#include <cstddef>

namespace agdsplit {

// How far an exchange got, if it does not return what came.
enum class Exchanged {
  // Nothing was written: the frame is too long, or there is no room.
  kUnsent = 0,
  // The frame was written; what came since is still to be read, in the usual
  // way.
  kSent = 1,
};

Napi::Value Told(Napi::Env env, Exchanged how_far);

// One frame with its newline, of at most kBytes bytes, on the stack. Anything
// longer, and anything that is not ASCII when it comes, is left to
// JavaScript's own way.
class ShortFrame {
 public:
  static constexpr size_t kBytes = PIPE_BUF;

  // Takes JavaScript's text, and adds the newline; false: it is too long.
  //
  // A lone surrogate becomes U+FFFD, as with Buffer. It cannot occur here: in
  // a frame that the codec wrote, it is an escape of ASCII.
  bool Take(Napi::Value text);

  const char* data() const { return bytes_.data(); }
  size_t size() const { return size_; }

  // Where to put what came; the frame that was taken is gone then.
  char* Begin() { return bytes_.data(); }
  // Whether so many bytes are one frame of ASCII, with its newline.
  bool IsWhole(size_t count) const;
  // Such a frame's text, without the newline.
  Napi::Value Text(Napi::Env env, size_t count) const;

 private:
  // Two more: the NUL that N-API appends, and one to see that all fitted.
  std::array<char, kBytes + 4> bytes_;
  size_t size_ = 0;
};

}  // namespace agdsplit

#endif
