#ifndef AGDBRIDGE_HANDLE_H
#define AGDBRIDGE_HANDLE_H

#include <napi.h>

#include <cstdint>
#include <memory>

#include "channel.h"
#include "library.h"

namespace agdbridge {

// JavaScript's end of one bridge: what open() returns. Used on the thread of
// its environment only.
//
// send and callSync turn the frame into UTF-8 in a buffer of their own, which
// the library copies before it returns. An answer's buffer belongs to the
// addon and is released as soon as it has become a JavaScript string.
class Handle : public Napi::ObjectWrap<Handle> {
 public:
  static Napi::Function Define(Napi::Env env);

  // Reached through Open only.
  explicit Handle(const Napi::CallbackInfo& info);
  // Closes the bridge: the environment ends with it open. (An open bridge is
  // held by its callbacks, so the collector does not come here first.)
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
