#ifndef AGDSPLIT_SHM_H
#define AGDSPLIT_SHM_H

#include <napi.h>

namespace agdsplit {

// The class Memory (memory.ts).
Napi::Function DefineMemory(Napi::Env env);

}  // namespace agdsplit

#endif
