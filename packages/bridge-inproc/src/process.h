#ifndef AGDBRIDGE_PROCESS_H
#define AGDBRIDGE_PROCESS_H

#include <napi.h>

namespace agdbridge {

// protectSignalStacks(): string[]. Gives every signal handler of the process
// that lacks SA_ONSTACK that flag, and returns the names of these signals.
Napi::Value ProtectSignalStacks(const Napi::CallbackInfo& info);

// exec(path: string, args: string[], env: Record<string, string>): never.
// Replaces the process's program: same process id, standard streams kept, other
// descriptors as their close-on-exec flags say, signals at their defaults. Exit
// handlers do not run. args are without the program's own name. Returns only
// by throwing, with the system's text.
void Exec(const Napi::CallbackInfo& info);

}  // namespace agdbridge

#endif
