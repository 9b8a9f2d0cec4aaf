#include "channel.h"

#include <utility>

#include "agdbridge.h"

namespace agdbridge {

namespace {

// v8::String::kMaxLength on 64-bit machines; a character has a byte at least.
constexpr size_t kMaxStringBytes = (1u << 29) - 24;

// Calls a JavaScript callback. What it throws becomes an uncaught exception,
// as with any callback of the event loop. False if JavaScript cannot run
// any more (the environment is being torn down). This and OnWake use the plain
// C API: node-addon-api would turn that state into a C++ exception which
// nobody is there to catch.
bool Call(napi_env env, const Napi::FunctionReference& callback, size_t argc,
          const napi_value* argv) {
  napi_value undefined;
  if (napi_get_undefined(env, &undefined) != napi_ok) return false;
  const napi_status status = napi_call_function(
      env, undefined, callback.Value(), argc, argv, nullptr);
  if (status == napi_ok) return true;
  napi_value thrown;
  if (status != napi_pending_exception ||
      napi_get_and_clear_last_exception(env, &thrown) != napi_ok) {
    return false;
  }
  return napi_fatal_exception(env, thrown) == napi_ok;
}

}  // namespace

struct Channel::Receiver {
  std::shared_ptr<Channel> channel;
  Napi::FunctionReference on_frame;
  Napi::FunctionReference on_closed;
  Napi::FunctionReference on_exit;
  bool closed_told = false;

  bool Deliver(napi_env env);
  bool DeliverFrame(napi_env env, const std::string& frame);
  bool DeliverClosed(napi_env env, bool full);
  bool DeliverExit(napi_env env, int32_t exit_code, const std::string& message);
};

std::shared_ptr<Channel> Channel::Create(Napi::Env env, Napi::Object callbacks,
                                         size_t max_queued_bytes) {
  std::shared_ptr<Channel> channel(new Channel(max_queued_bytes));
  auto receiver = std::make_unique<Receiver>();
  receiver->channel = channel;
  const auto callback = [&](const char* name) {
    const Napi::Value value = callbacks.Get(name);
    if (!value.IsFunction()) {
      throw Napi::TypeError::New(env,
                                 std::string(name) + " must be a function");
    }
    return Napi::Persistent(value.As<Napi::Function>());
  };
  receiver->on_frame = callback("onFrame");
  receiver->on_closed = callback("onClosed");
  receiver->on_exit = callback("onExit");

  const napi_status status = napi_create_threadsafe_function(
      env, nullptr, nullptr, Napi::String::New(env, "agdbridge"),
      0 /* the queue holds one wake at most */, 1 /* thread: ours */,
      receiver.get(), &Channel::OnFinalize, receiver.get(), &Channel::OnWake,
      &channel->wake_);
  if (status != napi_ok) throw Napi::Error::New(env);
  receiver.release();  // OnFinalize deletes it
  return channel;
}

int32_t Channel::PushFrame(const char* data, size_t len) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopped_ || wake_ == nullptr) return AGDBRIDGE_CLOSED;
  if (full_) return AGDBRIDGE_FULL;
  if (len > kMaxStringBytes || len > max_queued_bytes_ - queued_bytes_) {
    full_ = true;
    return AGDBRIDGE_FULL;
  }
  frames_.emplace_back(data, len);
  queued_bytes_ += len;
  Wake();
  return AGDBRIDGE_OK;
}

void Channel::PushClosed() {
  const std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  Wake();
}

void Channel::PushExit(int32_t exit_code, const char* message, size_t len) {
  const std::lock_guard<std::mutex> lock(mutex_);
  exited_ = true;
  exit_code_ = exit_code;
  exit_message_.assign(message, len);
  Wake();
}

void Channel::Stop() {
  const std::lock_guard<std::mutex> lock(mutex_);
  stopped_ = true;
  frames_.clear();
}

void Channel::Release() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ReleaseLocked();
}

void Channel::ReleaseLocked() {
  if (wake_ == nullptr) return;
  napi_release_threadsafe_function(std::exchange(wake_, nullptr),
                                   napi_tsfn_release);
}

void Channel::Wake() {
  if (awake_ || wake_ == nullptr) return;
  awake_ = napi_call_threadsafe_function(wake_, nullptr,
                                         napi_tsfn_nonblocking) == napi_ok;
}

// On the JavaScript thread. env is null when the environment is going away
// with a wake still in the queue.
void Channel::OnWake(napi_env env, napi_value, void* context, void*) {
  if (env == nullptr) return;
  auto* receiver = static_cast<Receiver*>(context);
  // Delivering the exit releases the thread-safe function; its finalizer, and
  // with it the end of the receiver, comes in a later turn of the event loop.
  receiver->Deliver(env);
}

// On the JavaScript thread.
void Channel::OnFinalize(napi_env, void* data, void*) {
  const std::unique_ptr<Receiver> receiver(static_cast<Receiver*>(data));
  const std::lock_guard<std::mutex> lock(receiver->channel->mutex_);
  receiver->channel->wake_ = nullptr;
}

// One batch: what is queued now. What callbacks cause to be queued meanwhile
// is the next one, so that a busy peer cannot keep the event loop from turning.
bool Channel::Receiver::Deliver(napi_env env) {
  std::vector<std::string> frames;
  bool full, closed, exited;
  {
    const std::lock_guard<std::mutex> lock(channel->mutex_);
    frames.swap(channel->frames_);
    full = channel->full_;
    closed = channel->closed_;
    exited = channel->exited_;
    channel->awake_ = false;
  }
  for (const std::string& frame : frames) {
    {
      const std::lock_guard<std::mutex> lock(channel->mutex_);
      channel->queued_bytes_ -= frame.size();
      if (channel->stopped_) continue;
    }
    if (!DeliverFrame(env, frame)) return false;
  }
  // Neither flag can rise before the last frame was queued, so all frames have
  // been delivered by now.
  if (closed && !closed_told) {
    closed_told = true;
    if (!DeliverClosed(env, full)) return false;
  }
  if (exited) {
    // No thread changes the exit's fields any more.
    if (!DeliverExit(env, channel->exit_code_, channel->exit_message_)) {
      return false;
    }
    channel->Release();
  }
  return true;
}

bool Channel::Receiver::DeliverFrame(napi_env env, const std::string& frame) {
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return false;
  napi_value text;
  const bool delivered =
      napi_create_string_utf8(env, frame.data(), frame.size(), &text) ==
          napi_ok &&
      Call(env, on_frame, 1, &text);
  napi_close_handle_scope(env, scope);
  return delivered;
}

bool Channel::Receiver::DeliverClosed(napi_env env, bool full) {
  napi_value value;
  return napi_get_boolean(env, full, &value) == napi_ok &&
         Call(env, on_closed, 1, &value);
}

bool Channel::Receiver::DeliverExit(napi_env env, int32_t exit_code,
                                    const std::string& message) {
  napi_value argv[2];
  return napi_create_int32(env, exit_code, &argv[0]) == napi_ok &&
         napi_create_string_utf8(env, message.data(), message.size(),
                                 &argv[1]) == napi_ok &&
         Call(env, on_exit, 2, argv);
}

}  // namespace agdbridge
