#include "channel.h"

#include <algorithm>
#include <utility>

#include "readable.h"
#include "text.h"
#include "utf8.h"

namespace agdbridge {

namespace {

// v8::String::kMaxLength on 64-bit machines; a character has at least one byte.
constexpr size_t kMaxStringBytes = (1u << 29) - 24;

// Checks for faults that a JavaScript string could not show.
Fault CheckFrame(const char* data, size_t len, const Limits& limits) {
  if (len > std::min(limits.max_frame_bytes, kMaxStringBytes)) {
    return {"maxFrameBytes", limits.max_frame_bytes};
  }
  const size_t valid = Utf8Prefix(data, len);
  return valid == len ? Fault{} : Fault{"utf8", valid};
}

// Calls a JavaScript callback. An exception becomes an uncaught one, as with
// any callback of the event loop. Returns false if JavaScript cannot run any
// more (the environment is being torn down). This function and OnWake use the
// plain C API: node-addon-api would turn that state into a C++ exception
// without a handler.
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

  // All return false if JavaScript cannot run any more.
  bool DeliverBatch(napi_env env);
  bool DeliverFrame(napi_env env, const std::string& frame);
  bool DeliverClosed(napi_env env, const Fault& fault);
  bool DeliverExit(napi_env env);
};

std::shared_ptr<Channel> Channel::Create(Napi::Env env, Napi::Object callbacks,
                                         const Limits& limits) {
  std::shared_ptr<Channel> channel(new Channel(limits));
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
      0 /* at most one queued wake */, 1 /* number of threads */,
      receiver.get(), &Channel::OnFinalize, receiver.get(), &Channel::OnWake,
      &channel->wake_);
  if (status != napi_ok) throw Napi::Error::New(env);
  channel->receiver_ = receiver.release();  // OnFinalize deletes it
  return channel;
}

Channel::Push Channel::PushFrame(const char* data, size_t len, size_t* room) {
  Fault fault = CheckFrame(data, len, limits_);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopped_ || fault_ || wake_ == nullptr) return Push::kEnded;
  *room = limits_.max_queued_bytes - queued_bytes_;
  if (!fault && len > *room) {
    // A frame that could never be queued is not a fault of the queue.
    if (!blocked_ || len > limits_.max_queued_bytes) return Push::kFull;
    fault = {"maxQueuedBytes", *room};
  }
  if (fault) {
    fault_ = fault;
    return Push::kEnded;  // the library then closes the bridge, which wakes JavaScript
  }
  frames_.emplace_back(data, len);
  queued_bytes_ += len;
  Wake();
  return Push::kTaken;
}

bool Channel::Admit(const char* data, size_t len) {
  const Fault fault = CheckFrame(data, len, limits_);
  if (!fault) return true;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!fault_) fault_ = fault;
  return false;
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

void Channel::Deliver(Napi::Env env) {
  // Only this thread deletes the receiver, and never within a callback.
  if (receiver_ != nullptr) receiver_->DeliverBatch(env);
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

// On the JavaScript thread. env is null if the environment is torn down with a
// wake still queued.
void Channel::OnWake(napi_env env, napi_value, void* context, void*) {
  if (env == nullptr) return;
  auto* receiver = static_cast<Receiver*>(context);
  bool exited;
  {
    const std::lock_guard<std::mutex> lock(receiver->channel->mutex_);
    receiver->channel->awake_ = false;
    exited = receiver->channel->exited_;
  }
  // Delivering the exit releases the thread-safe function. Its finalizer, which
  // deletes the receiver, runs in a later turn of the event loop.
  if (receiver->DeliverBatch(env) && exited) receiver->DeliverExit(env);
}

// On the JavaScript thread.
void Channel::OnFinalize(napi_env, void* data, void*) {
  const std::unique_ptr<Receiver> receiver(static_cast<Receiver*>(data));
  const std::lock_guard<std::mutex> lock(receiver->channel->mutex_);
  receiver->channel->wake_ = nullptr;
  receiver->channel->receiver_ = nullptr;
}

// Delivers one batch: the frames queued now. Frames queued by callbacks form
// the next batch, so that a busy peer cannot block the event loop. Frames stay
// in the queue until their turn, because a callback may deliver the rest
// itself, or stop.
bool Channel::Receiver::DeliverBatch(napi_env env) {
  std::unique_lock<std::mutex> lock(channel->mutex_);
  size_t batch = channel->frames_.size();
  const Fault fault = channel->fault_;
  const bool closed = channel->closed_ || fault;
  for (; batch > 0 && !channel->frames_.empty(); batch--) {
    const std::string frame = std::move(channel->frames_.front());
    channel->frames_.pop_front();
    channel->queued_bytes_ -= frame.size();
    lock.unlock();
    if (!DeliverFrame(env, frame)) return false;
    lock.lock();
  }
  lock.unlock();
  // Both were set after the last frame was queued, so that frame has been
  // delivered or dropped by now.
  if (!closed || std::exchange(closed_told, true)) return true;
  return DeliverClosed(env, fault);
}

bool Channel::Receiver::DeliverFrame(napi_env env, const std::string& frame) {
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return false;
  napi_value text;
  const bool delivered =
      CreateText(env, frame.data(), frame.size(), &text) == napi_ok &&
      Call(env, on_frame, 1, &text);
  napi_close_handle_scope(env, scope);
  return delivered;
}

bool Channel::Receiver::DeliverClosed(napi_env env, const Fault& fault) {
  napi_value argv[2];
  return napi_create_string_utf8(env, fault.rule, NAPI_AUTO_LENGTH, &argv[0]) ==
             napi_ok &&
         napi_create_double(env, static_cast<double>(fault.byte), &argv[1]) ==
             napi_ok &&
         Call(env, on_closed, 2, argv);
}

bool Channel::Receiver::DeliverExit(napi_env env) {
  // No thread changes the exit's fields any more.
  const std::string& message = channel->exit_message_;
  napi_value argv[2];
  if (napi_create_int32(env, channel->exit_code_, &argv[0]) != napi_ok ||
      napi_create_string_utf8(env, Readable(message.data(), message.size()),
                              message.size(), &argv[1]) != napi_ok ||
      !Call(env, on_exit, 2, argv)) {
    return false;
  }
  channel->Release();
  return true;
}

}  // namespace agdbridge
