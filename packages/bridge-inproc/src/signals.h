#ifndef AGDBRIDGE_SIGNALS_H
#define AGDBRIDGE_SIGNALS_H

#include <napi.h>
#include <signal.h>

namespace agdbridge {

// Whether a signal calls a function of the process.
bool IsHandled(const struct sigaction& action);

// protectSignalStacks(): string[]. Gives every signal handler of the process
// that lacks SA_ONSTACK that flag, and returns the names of these signals.
Napi::Value ProtectSignalStacks(const Napi::CallbackInfo& info);

// mirrorSignals(numbers: number[]): number. Puts a handler before the present
// one of each signal, which writes the signal's number as one byte into a pipe
// and then calls that one. Returns the pipe's end to read, non-blocking, which
// is the caller's. Once in a process; throws at the second call, and, without
// any effect, if one of the signals has no handler.
Napi::Value MirrorSignals(const Napi::CallbackInfo& info);

}  // namespace agdbridge

#endif
