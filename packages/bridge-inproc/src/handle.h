#ifndef AGDBRIDGE_HANDLE_H
#define AGDBRIDGE_HANDLE_H

#include <napi.h>

#include <cstdint>
#include <memory>

#include "channel.h"
#include "library.h"

namespace agdbridge {

// JavaScript's end of one bridge: what open() returns. Used only on its
// environment's thread.
//
// send and callSync encode the frame as UTF-8 in their own buffer, which the
// library copies before it returns. A response's buffer belongs to the addon,
// which frees it once it is a JavaScript string.
class Handle : public Napi::ObjectWrap<Handle> {
 public:
  static Napi::Function Define(Napi::Env env);

  // Called through Open only.
  explicit Handle(const Napi::CallbackInfo& info);
  // Closes the bridge if the environment ends with it open. (The callbacks of
  // an open bridge keep it reachable, so garbage collection does not come
  // first.)
  ~Handle() override;

  // Starts the Go program's side; throws Napi::Error with the library's text.
  void Open(const Library& library, const std::string& config,
            Napi::Object callbacks, const Limits& limits);

 private:
  Napi::Value Send(const Napi::CallbackInfo& info);
  Napi::Value CallSync(const Napi::CallbackInfo& info);
  void Deliver(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);
  void CloseOnce();

  Library library_;
  uint64_t bridge_ = 0;  // 0: not open, or closed
  std::shared_ptr<Channel> channel_;
};

}  // namespace agdbridge

#endif
