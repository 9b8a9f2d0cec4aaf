#ifndef AGDBRIDGE_PROCESS_H
#define AGDBRIDGE_PROCESS_H

#include <napi.h>

namespace agdbridge {

// exec(path: string, args: string[], env: Record<string, string>): never.
// Replaces the process's program: same process id, standard streams kept, other
// descriptors as their close-on-exec flags say, signals at their defaults. Exit
// handlers do not run. args exclude the program's own name. Returns only by
// throwing, with the system's text.
void Exec(const Napi::CallbackInfo& info);

// dieWithParent(parent: number): boolean. From now on the Linux kernel sends
// this process SIGKILL when its parent ends. False: the parent has already
// changed.
Napi::Value DieWithParent(const Napi::CallbackInfo& info);

}  // namespace agdbridge

#endif
