#ifndef AGDBRIDGE_SIGNALS_H
#define AGDBRIDGE_SIGNALS_H

#include <napi.h>
#include <signal.h>

namespace agdbridge {

// Whether a signal calls a function of the process.
bool IsHandled(const struct sigaction& action);

// protectSignalStacks(): number[]. Sets SA_ONSTACK on every signal handler of
// the process that lacks it, and returns the numbers of these signals.
Napi::Value ProtectSignalStacks(const Napi::CallbackInfo& info);

// mirrorSignals(signals: Record<string, number>): number. Installs a handler in
// front of the present one of each signal; the names are for errors. The handler
// writes the signal's number as one byte to a
// pipe and then calls the present one. Returns the pipe's reading end,
// non-blocking, owned by the caller. Once per process: throws at the second
// call, and, without any effect, if one of the signals has no handler.
Napi::Value MirrorSignals(const Napi::CallbackInfo& info);

}  // namespace agdbridge

#endif
