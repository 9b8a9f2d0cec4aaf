#include "handle.h"

#include <array>
#include <string>
#include <utility>

#include "readable.h"
#include "text.h"

namespace agdbridge {

namespace {

// The UTF-8 bytes of a frame for the length of a call. A short text, the usual
// case, is on the stack; bytes of JavaScript's are used in place.
//
// A lone surrogate becomes U+FFFD, as with TextEncoder and Buffer. It cannot
// occur here: in a frame that the codec wrote, it is an escape of ASCII.
class FrameBytes {
 public:
  explicit FrameBytes(Napi::Value value) {
    if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() ==
                                    napi_uint8_array) {
      const auto bytes = value.As<Napi::Uint8Array>();
      data_ = reinterpret_cast<const char*>(bytes.Data());
      size_ = bytes.ByteLength();
      return;
    }
    if (!value.IsString()) {
      throw Napi::TypeError::New(value.Env(), "frame must be a string");
    }
    // Writes what fits, never part of a character (at most four bytes), and a
    // NUL.
    size_t written = 0;
    Check(value, napi_get_value_string_utf8(value.Env(), value, few_.data(),
                                            few_.size(), &written));
    if (written + 4 < few_.size()) {
      data_ = few_.data();
      size_ = written;
      return;
    }
    many_ = value.As<Napi::String>().Utf8Value();
    data_ = many_.data();
    size_ = many_.size();
  }

  FrameBytes(const FrameBytes&) = delete;
  FrameBytes& operator=(const FrameBytes&) = delete;

  const char* data() const { return Readable(data_, size_); }
  size_t size() const { return size_; }

 private:
  static void Check(Napi::Value value, napi_status status) {
    if (status != napi_ok) throw Napi::Error::New(value.Env());
  }

  std::array<char, 32 * 1024> few_;
  std::string many_;
  const char* data_;
  size_t size_;
};

// A buffer that the library returned; freed through the library.
class LibraryBuffer {
 public:
  explicit LibraryBuffer(const Library& library) : library_(library) {}
  ~LibraryBuffer() { library_.free(data); }
  LibraryBuffer(const LibraryBuffer&) = delete;
  LibraryBuffer& operator=(const LibraryBuffer&) = delete;

  char* data = nullptr;
  size_t size = 0;

 private:
  const Library& library_;
};

// The callbacks' ctx: a shared owner of the channel, released by on_exit.
using Share = std::shared_ptr<Channel>;

int32_t OnFrame(void* ctx, const char* data, size_t len, size_t* room) {
  switch ((*static_cast<Share*>(ctx))->PushFrame(data, len, room)) {
    case Channel::Push::kTaken:
      return AGDBRIDGE_OK;
    case Channel::Push::kFull:
      return AGDBRIDGE_FULL;
    case Channel::Push::kEnded:
      break;
  }
  return AGDBRIDGE_CLOSED;
}

void OnClosed(void* ctx) { (*static_cast<Share*>(ctx))->PushClosed(); }

void OnExit(void* ctx, int32_t exit_code, const char* message, size_t len) {
  const std::unique_ptr<Share> share(static_cast<Share*>(ctx));
  (*share)->PushExit(exit_code, message, len);
}

}  // namespace

Napi::Function Handle::Define(Napi::Env env) {
  return DefineClass(env, "InprocHandle",
                     {InstanceMethod<&Handle::Send>("send"),
                      InstanceMethod<&Handle::CallSync>("callSync"),
                      InstanceMethod<&Handle::Deliver>("deliver"),
                      InstanceMethod<&Handle::Close>("close")});
}

Handle::Handle(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

Handle::~Handle() { CloseOnce(); }

void Handle::Open(const Library& library, const std::string& config,
                  Napi::Object callbacks, const Limits& limits) {
  channel_ = Channel::Create(Env(), callbacks, limits);
  library_ = library;
  auto share = std::make_unique<Share>(channel_);
  LibraryBuffer error(library_);
  bridge_ = library_.open(config.data(), config.size(), &OnFrame, &OnClosed,
                          &OnExit, share.get(), &error.data, &error.size);
  if (bridge_ == 0) {
    channel_->Release();
    throw Napi::Error::New(Env(), std::string(error.data, error.size));
  }
  share.release();  // OnExit deletes it
}

// send(frame: string | Uint8Array): boolean. False: the bridge is closed.
Napi::Value Handle::Send(const Napi::CallbackInfo& info) {
  const FrameBytes frame(info[0]);
  const bool sent = bridge_ != 0 && library_.send(bridge_, frame.data(),
                                                  frame.size()) == AGDBRIDGE_OK;
  return Napi::Boolean::New(info.Env(), sent);
}

// callSync(frame: string | Uint8Array): string | undefined. Undefined: the bridge is closed,
// or the response breaks a rule.
Napi::Value Handle::CallSync(const Napi::CallbackInfo& info) {
  const FrameBytes frame(info[0]);
  if (bridge_ == 0) return info.Env().Undefined();
  LibraryBuffer response(library_);
  const Channel::Blocked blocked(*channel_);
  if (library_.call(bridge_, frame.data(), frame.size(), &response.data,
                    &response.size) != AGDBRIDGE_OK ||
      !channel_->Admit(response.data, response.size)) {
    return info.Env().Undefined();
  }
  napi_value text;
  if (CreateText(info.Env(), response.data, response.size, &text) != napi_ok) {
    throw Napi::Error::New(info.Env());
  }
  return Napi::Value(info.Env(), text);
}

// deliver(): void. Calls onFrame and onClosed for the events queued now.
void Handle::Deliver(const Napi::CallbackInfo& info) {
  if (channel_ != nullptr) channel_->Deliver(info.Env());
}

// close(): void. Stops the delivery of frames; onClosed and onExit still
// follow.
void Handle::Close(const Napi::CallbackInfo&) { CloseOnce(); }

void Handle::CloseOnce() {
  if (bridge_ == 0) return;
  channel_->Stop();
  library_.close(std::exchange(bridge_, 0));
}

}  // namespace agdbridge
