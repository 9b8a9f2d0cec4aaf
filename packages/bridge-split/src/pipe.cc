// A downcall over two pipes in one call of the addon, for short frames: the
// equivalent of output.ts with writeSync and input.ts with readSync.

#include "pipe.h"

#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>

#include "frame.h"

namespace agdsplit {

namespace {

ssize_t Read(int fd, char* into, size_t size) {
  ssize_t count;
  do {
    count = read(fd, into, size);
  } while (count == -1 && errno == EINTR);
  return count;
}

}  // namespace

// new Pipes(readFd: number, writeFd: number): the blocking end of one pipe, and
// the non-blocking end of another. Both stay owned by the caller, who closes
// them after the last exchange. Used only on its environment's thread.
class Pipes : public Napi::ObjectWrap<Pipes> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "Pipes",
                       {InstanceMethod<&Pipes::Exchange>("exchange")});
  }

  explicit Pipes(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    if (!info[0].IsNumber() || !info[1].IsNumber()) {
      throw Napi::TypeError::New(info.Env(), "Pipes(readFd, writeFd)");
    }
    read_ = info[0].As<Napi::Number>().Int32Value();
    write_ = info[1].As<Napi::Number>().Int32Value();
  }

 private:
  // exchange(frame: string): string | Uint8Array | number. Writes a frame,
  // waits for bytes, and returns the frame received, or the bytes if they are
  // anything else: see Exchanged.
  Napi::Value Exchange(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    ShortFrame frame;
    // Up to PIPE_BUF bytes, a pipe takes all or none (pipe(7)).
    if (!frame.Take(info[0], PIPE_BUF) ||
        write(write_, frame.data(), frame.size()) !=
            static_cast<ssize_t>(frame.size())) {
      return Told(env, Exchanged::kUnsent);
    }
    const ssize_t count = Read(read_, frame.Begin(), ShortFrame::kBytes);
    // The next reader finds the end of file again.
    if (count <= 0) return Told(env, Exchanged::kSent);
    const auto size = static_cast<size_t>(count);
    if (frame.IsWhole(size)) return frame.Text(env, size);
    return Napi::Buffer<char>::Copy(env, frame.Begin(), size);
  }

  int read_;
  int write_;
};

Napi::Function DefinePipes(Napi::Env env) { return Pipes::Define(env); }

}  // namespace agdsplit
