#ifndef AGDBRIDGE_CHANNEL_H
#define AGDBRIDGE_CHANNEL_H

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace agdbridge {

// Bounds of the frames that JavaScript takes, in bytes.
struct Limits {
  size_t max_frame_bytes;
  size_t max_queued_bytes;
};

// The rule that a frame of the library broke, and the offset in bytes that the
// error names: see Fault in addon.ts.
struct Fault {
  const char* rule = "";  // a literal; empty: none
  size_t byte = 0;

  explicit operator bool() const { return *rule != '\0'; }
};

// The way of one bridge from the Go library's threads to JavaScript: a bounded
// queue of events, and one thread-safe function that wakes JavaScript to take
// a batch of them, in order.
//
// Two objects, because the two sides let go at different times. Channel is
// shared by the handle, the library (as ctx, until on_exit) and the receiver,
// whichever lives longest; it holds no JavaScript value, so that any thread
// may release it. Receiver holds the JavaScript callbacks; it belongs to the
// thread-safe function and dies with it on the JavaScript thread, at the end
// of the bridge or of the environment.
class Channel {
 public:
  // onFrame(frame: string), onClosed(rule: string, byte: number),
  // onExit(exitCode: number, message: string). rule and byte are those of the
  // Fault that ended the frames, if one did.
  // Keeps the event loop alive until onExit was called.
  static std::shared_ptr<Channel> Create(Napi::Env env, Napi::Object callbacks,
                                         const Limits& limits);

  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // The library's side; any thread. The bytes are copied.

  enum class Push {
    kTaken,
    kFull,   // it would be too much; *room bytes would not
    kEnded,  // stopped, or it breaks a rule
  };
  // A frame that breaks a rule ends the channel: those before it are delivered,
  // then onClosed. So does one that is too much while JavaScript is Blocked:
  // there it cannot take any, as in the split backend, whose reader goes on.
  Push PushFrame(const char* data, size_t len, size_t* room);
  void PushClosed();
  void PushExit(int32_t exit_code, const char* message, size_t len);

  // The JavaScript side.

  // While one exists, JavaScript waits for an answer and delivers nothing.
  class Blocked {
   public:
    explicit Blocked(Channel& channel) : channel_(channel) { Set(true); }
    ~Blocked() { Set(false); }
    Blocked(const Blocked&) = delete;
    Blocked& operator=(const Blocked&) = delete;

   private:
    void Set(bool blocked) {
      const std::lock_guard<std::mutex> lock(channel_.mutex_);
      channel_.blocked_ = blocked;
    }
    Channel& channel_;
  };

  // Whether a frame that does not pass the queue, an answer, keeps the rules;
  // ends the channel if not.
  bool Admit(const char* data, size_t len);
  // Calls onFrame and onClosed for what is queued now, without the event loop.
  // May be called from within a callback.
  void Deliver(Napi::Env env);
  // Drops the frames that wait and refuses those to come. onClosed and onExit
  // still follow.
  void Stop();
  // Lets go of the event loop without onExit: the bridge did not open.
  void Release();

 private:
  struct Receiver;

  explicit Channel(const Limits& limits) : limits_(limits) {}

  void Wake();           // needs mutex_
  void ReleaseLocked();  // needs mutex_
  static void OnWake(napi_env env, napi_value, void* context, void*);
  static void OnFinalize(napi_env, void* data, void*);

  const Limits limits_;

  // Guards all below. Held over calls of the thread-safe function, which take
  // a lock of its own and call nothing of ours; never over others.
  std::mutex mutex_;
  std::deque<std::string> frames_;
  size_t queued_bytes_ = 0;
  Fault fault_;  // if any: no frame is taken any more
  bool stopped_ = false;
  bool blocked_ = false;  // by a Blocked
  bool closed_ = false;
  bool exited_ = false;
  int32_t exit_code_ = 0;
  std::string exit_message_;
  bool awake_ = false;  // a call of OnWake is under way
  Receiver* receiver_ = nullptr;  // for the JavaScript thread; null once deleted
  // Null once the function is released or its environment is gone: the
  // function must not be touched from then on, by any thread.
  napi_threadsafe_function wake_ = nullptr;
};

}  // namespace agdbridge

#endif
