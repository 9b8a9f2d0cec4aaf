#ifndef AGDSPLIT_PIPE_H
#define AGDSPLIT_PIPE_H

#include <napi.h>

namespace agdsplit {

// The class Pipes (addon.ts).
Napi::Function DefinePipes(Napi::Env env);

}  // namespace agdsplit

#endif
