#include <napi.h>

#include "pipe.h"
#include "shm.h"

namespace agdsplit {

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("Memory", DefineMemory(env));
  exports.Set("Pipes", DefinePipes(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(agdsplit, Init)

}  // namespace agdsplit
