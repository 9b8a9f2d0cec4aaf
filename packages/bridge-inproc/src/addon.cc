// The addon: hosts a Go library (agdbridge.h) in Node's process.
//
// There are no statics. What belongs to an environment (the main thread or a
// worker thread) is its instance data; what belongs to a bridge is its Handle
// and its Channel. Any number of bridges may be open over one library.
//
// Errors are C++ exceptions (Napi::Error); none crosses into the library,
// whose threads only reach Channel, which throws none.

#include <napi.h>

#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>

#include "handle.h"
#include "library.h"
#include "process.h"

namespace agdbridge {

namespace {

struct Addon {
  Napi::FunctionReference handle_class;
  std::optional<Library> library;
};

// The environment's library. There can be one only: a process does not
// survive two Go runtimes.
const Library& TheLibrary(Napi::Env env, const std::string& path) {
  std::optional<Library>& loaded = env.GetInstanceData<Addon>()->library;
  try {
    const std::string resolved = ResolveLibraryPath(path);
    if (!loaded) {
      loaded = LoadLibrary(resolved);
    } else if (loaded->path != resolved) {
      throw std::runtime_error("cannot load the Go library " + resolved +
                               ": this process has loaded " + loaded->path +
                               ", and cannot hold two; use another process");
    }
  } catch (const std::runtime_error& error) {
    throw Napi::Error::New(env, error.what());
  }
  return *loaded;
}

// open(libraryPath: string, config: string, callbacks: { onFrame, onClosed,
// onExit }, maxQueuedBytes: number): InprocHandle. For the callbacks see
// Channel::Create.
Napi::Value Open(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString() || !info[1].IsString() || !info[2].IsObject() ||
      !info[3].IsNumber()) {
    throw Napi::TypeError::New(
        env, "open(libraryPath, config, callbacks, maxQueuedBytes)");
  }
  const double max_queued_bytes = info[3].As<Napi::Number>().DoubleValue();
  if (!(max_queued_bytes >= 0 && max_queued_bytes <= 0x1p53)) {
    throw Napi::RangeError::New(env, "maxQueuedBytes must be a size in bytes");
  }
  const Library& library =
      TheLibrary(env, info[0].As<Napi::String>().Utf8Value());
  const Napi::Object object =
      env.GetInstanceData<Addon>()->handle_class.New({});
  Handle::Unwrap(object)->Open(
      library, info[1].As<Napi::String>().Utf8Value(),
      info[2].As<Napi::Object>(), static_cast<size_t>(max_queued_bytes));
  return object;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto* addon = new Addon;
  env.SetInstanceData(addon);  // which deletes it with the environment
  addon->handle_class = Napi::Persistent(Handle::Define(env));
  exports.Set("open", Napi::Function::New<Open>(env, "open"));
  exports.Set("protectSignalStacks",
              Napi::Function::New<ProtectSignalStacks>(env,
                                                       "protectSignalStacks"));
  exports.Set("exec", Napi::Function::New<Exec>(env, "exec"));
  return exports;
}

}  // namespace

NODE_API_MODULE(agdbridge, Init)

}  // namespace agdbridge
