// The addon: hosts a Go library (agdbridge.h) in Node's process.
//
// There are no statics, except for what a signal handler needs (signals.cc).
// The state of an environment (the main thread or a worker thread) is its
// instance data; the state of a bridge is its Handle and its Channel. Any
// number of bridges may be open over one library.
//
// Errors are C++ exceptions (Napi::Error). None crosses into the library: its
// threads call Channel only, which throws none.

#include <napi.h>

#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>

#include "handle.h"
#include "library.h"
#include "process.h"
#include "signals.h"

namespace agdbridge {

namespace {

struct Addon {
  Napi::FunctionReference handle_class;
  std::optional<Library> library;
};

// The environment's library.
const Library& TheLibrary(Napi::Env env, const std::string& path) {
  std::optional<Library>& loaded = env.GetInstanceData<Addon>()->library;
  try {
    const std::string resolved = ResolveLibraryPath(path);
    if (!loaded || loaded->path != resolved) loaded = LoadLibrary(resolved);
  } catch (const std::runtime_error& error) {
    throw Napi::Error::New(env, error.what());
  }
  return *loaded;
}

size_t SizeOf(Napi::Object limits, const char* name) {
  const Napi::Value value = limits.Get(name);
  const double size =
      value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(size >= 0 && size <= 0x1p53)) {
    throw Napi::RangeError::New(
        limits.Env(), std::string(name) + " must be a size in bytes");
  }
  return static_cast<size_t>(size);
}

// open(libraryPath: string, config: string, callbacks: { onFrame, onClosed,
// onExit }, limits: { maxFrameBytes, maxQueuedBytes }): InprocHandle.
// Channel::Create describes the callbacks.
Napi::Value Open(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString() || !info[1].IsString() || !info[2].IsObject() ||
      !info[3].IsObject()) {
    throw Napi::TypeError::New(env,
                               "open(libraryPath, config, callbacks, limits)");
  }
  const auto object = info[3].As<Napi::Object>();
  const Limits limits{SizeOf(object, "maxFrameBytes"),
                      SizeOf(object, "maxQueuedBytes")};
  const Library& library =
      TheLibrary(env, info[0].As<Napi::String>().Utf8Value());
  const Napi::Object handle =
      env.GetInstanceData<Addon>()->handle_class.New({});
  Handle::Unwrap(handle)->Open(library,
                               info[1].As<Napi::String>().Utf8Value(),
                               info[2].As<Napi::Object>(), limits);
  return handle;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto* addon = new Addon;
  env.SetInstanceData(addon);  // deleted by the environment at its end
  addon->handle_class = Napi::Persistent(Handle::Define(env));
  exports.Set("open", Napi::Function::New<Open>(env, "open"));
  exports.Set("protectSignalStacks",
              Napi::Function::New<ProtectSignalStacks>(env,
                                                       "protectSignalStacks"));
  exports.Set("mirrorSignals",
              Napi::Function::New<MirrorSignals>(env, "mirrorSignals"));
  exports.Set("exec", Napi::Function::New<Exec>(env, "exec"));
  exports.Set("dieWithParent",
              Napi::Function::New<DieWithParent>(env, "dieWithParent"));
  return exports;
}

}  // namespace

NODE_API_MODULE(agdbridge, Init)

}  // namespace agdbridge
