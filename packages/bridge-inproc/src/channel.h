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
  // onFrame(frame: string), onClosed(refusedBytes: number),
  // onExit(exitCode: number, message: string). refusedBytes is 0, or the
  // length that the queue would have had with the frame that was too much.
  // Keeps the event loop alive until onExit was called.
  static std::shared_ptr<Channel> Create(Napi::Env env, Napi::Object callbacks,
                                         size_t max_queued_bytes);

  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // The library's side; any thread. The bytes are copied.

  // False if the frame was refused: stopped, or the queue is full. A frame that
  // is longer than a JavaScript string can be counts as too much as well.
  bool PushFrame(const char* data, size_t len);
  void PushClosed();
  void PushExit(int32_t exit_code, const char* message, size_t len);

  // The JavaScript side.

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

  explicit Channel(size_t max_queued_bytes)
      : max_queued_bytes_(max_queued_bytes) {}

  void Wake();           // needs mutex_
  void ReleaseLocked();  // needs mutex_
  static void OnWake(napi_env env, napi_value, void* context, void*);
  static void OnFinalize(napi_env, void* data, void*);

  const size_t max_queued_bytes_;

  std::mutex mutex_;  // guards all below; never held while calling elsewhere
  std::deque<std::string> frames_;
  size_t queued_bytes_ = 0;
  size_t refused_bytes_ = 0;  // not 0: a frame was refused, so all later ones are
  bool stopped_ = false;
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
