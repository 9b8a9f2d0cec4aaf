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

// Limits of the frames that JavaScript accepts, in bytes.
struct Limits {
  size_t max_frame_bytes;
  size_t max_queued_bytes;
};

// The rule that a frame of the library broke, and the offset in bytes for the
// error: see Fault in addon.ts.
struct Fault {
  const char* rule = "";  // a literal; empty: none
  size_t byte = 0;

  explicit operator bool() const { return *rule != '\0'; }
};

// Carries one bridge's events from the Go library's threads to JavaScript: a
// bounded queue, and one thread-safe function that wakes JavaScript to take a
// batch, in order.
//
// There are two objects, because their lifetimes differ. Channel is shared by
// the handle, the library (as ctx, until on_exit) and the receiver, and lives
// as long as any of them. It holds no JavaScript value, so any thread may
// release it. Receiver holds the JavaScript callbacks. It belongs to the
// thread-safe function and is deleted with it on the JavaScript thread, at the
// end of the bridge or of the environment.
class Channel {
 public:
  // onFrame(frame: string), onClosed(rule: string, byte: number),
  // onExit(exitCode: number, message: string). rule and byte are those of the
  // Fault that closed the channel, if any. Keeps the event loop alive until
  // onExit was called.
  static std::shared_ptr<Channel> Create(Napi::Env env, Napi::Object callbacks,
                                         const Limits& limits);

  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // The library's side; called on any thread. The bytes are copied.

  enum class Push {
    kTaken,
    kFull,   // over the limit; *room bytes would fit
    kEnded,  // stopped, or the frame breaks a rule
  };
  // A frame that breaks a rule ends the channel: earlier frames are delivered,
  // then onClosed. A frame over the limit while JavaScript is Blocked ends it
  // too: JavaScript cannot take frames then. The split backend behaves the
  // same, because its reader continues to read.
  Push PushFrame(const char* data, size_t len, size_t* room);
  void PushClosed();
  void PushExit(int32_t exit_code, const char* message, size_t len);

  // The JavaScript side.

  // While one exists, JavaScript waits for a response and delivers nothing.
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

  // Checks a frame that bypasses the queue, a response; ends the channel if it
  // breaks a rule.
  bool Admit(const char* data, size_t len);
  // Calls onFrame and onClosed for the events queued now, without the event
  // loop. May be called from within a callback.
  void Deliver(Napi::Env env);
  // Drops the queued frames and refuses later ones. onClosed and onExit still
  // follow.
  void Stop();
  // Releases the event loop without onExit: the bridge did not open.
  void Release();

 private:
  struct Receiver;

  explicit Channel(const Limits& limits) : limits_(limits) {}

  void Wake();           // requires mutex_
  void ReleaseLocked();  // requires mutex_
  static void OnWake(napi_env env, napi_value, void* context, void*);
  static void OnFinalize(napi_env, void* data, void*);

  const Limits limits_;

  // Guards all members below. Held over calls of the thread-safe function,
  // which takes a lock of its own and calls no code of ours; never held over
  // other calls.
  std::mutex mutex_;
  std::deque<std::string> frames_;
  size_t queued_bytes_ = 0;
  Fault fault_;  // if set, no frame is accepted any more
  bool stopped_ = false;
  bool blocked_ = false;  // by a Blocked
  bool closed_ = false;
  bool exited_ = false;
  int32_t exit_code_ = 0;
  std::string exit_message_;
  bool awake_ = false;  // a call of OnWake is pending
  Receiver* receiver_ = nullptr;  // for the JavaScript thread; null once deleted
  // Null once the function is released or its environment is gone: from then on
  // no thread may use the function.
  napi_threadsafe_function wake_ = nullptr;
};

}  // namespace agdbridge

#endif
