#include "signals.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <vector>

namespace agdbridge {

namespace {

// The only statics: a signal handler belongs to the process and receives
// nothing but a number. Written before the handler is installed, never later.
struct Mirror {
  std::atomic_flag taken = ATOMIC_FLAG_INIT;
  int write_end = -1;
  struct sigaction next[NSIG] = {};
} mirror;

// Runs on any thread, at any instruction: must not lock or allocate. If the
// pipe is full, the byte is dropped: the reader has enough to read.
void OnSignal(int number, siginfo_t* info, void* context) {
  const int error = errno;
  const auto byte = static_cast<unsigned char>(number);
  while (write(mirror.write_end, &byte, 1) < 0 && errno == EINTR) {
  }
  errno = error;
  const struct sigaction& next = mirror.next[number];
  if ((next.sa_flags & SA_SIGINFO) != 0) {
    next.sa_sigaction(number, info, context);
  } else {
    next.sa_handler(number);
  }
}

std::vector<int> SignalNumbers(Napi::Value value) {
  const Napi::Env env = value.Env();
  if (!value.IsObject()) throw Napi::TypeError::New(env, "mirrorSignals(signals)");
  const auto signals = value.As<Napi::Object>();
  const Napi::Array names = signals.GetPropertyNames();
  std::vector<int> numbers;
  for (uint32_t i = 0; i < names.Length(); i++) {
    const Napi::Value name = names[i];
    const Napi::Value each = signals.Get(name);
    const int number = each.IsNumber() ? each.As<Napi::Number>().Int32Value() : 0;
    struct sigaction action;
    if (number < 1 || number >= NSIG ||
        sigaction(number, nullptr, &action) != 0) {
      throw Napi::TypeError::New(env, "mirrorSignals: no such signal");
    }
    // Node's own handler, which ends the process, is installed for one signal.
    if (!IsHandled(action) || (action.sa_flags & SA_RESETHAND) != 0) {
      throw Napi::Error::New(env, "mirrorSignals: " + name.ToString().Utf8Value() +
                                      " has no listener");
    }
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

bool IsHandled(const struct sigaction& action) {
  if ((action.sa_flags & SA_SIGINFO) != 0) return true;
  return action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
}

// Go runs goroutines on stacks of a few kilobytes and so requires every handler
// to run on the alternate signal stack. Go sets the flag for the handlers that
// exist when it is loaded; libuv installs later ones without it. Such a
// handler, running on a goroutine's stack, overwrites adjacent memory.
Napi::Value ProtectSignalStacks(const Napi::CallbackInfo& info) {
  Napi::Array changed = Napi::Array::New(info.Env());
  for (int number = 1; number < NSIG; number++) {
    struct sigaction action;
    // The C library refuses the signals that it reserves.
    if (sigaction(number, nullptr, &action) != 0) continue;
    if (!IsHandled(action) || (action.sa_flags & SA_ONSTACK) != 0) continue;
    action.sa_flags |= SA_ONSTACK;
    if (sigaction(number, &action, nullptr) != 0) continue;
    changed.Set(changed.Length(), Napi::Number::New(info.Env(), number));
  }
  return changed;
}

Napi::Value MirrorSignals(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::vector<int> numbers = SignalNumbers(info[0]);
  if (mirror.taken.test_and_set()) {
    throw Napi::Error::New(env, "mirrorSignals: called before in this process");
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    const std::string reason = strerror(errno);
    mirror.taken.clear();
    throw Napi::Error::New(env, "mirrorSignals: " + reason);
  }
  mirror.write_end = ends[1];
  for (const int number : numbers) {
    sigaction(number, nullptr, &mirror.next[number]);
    struct sigaction ours = mirror.next[number];
    ours.sa_sigaction = OnSignal;
    ours.sa_flags |= SA_SIGINFO | SA_ONSTACK;
    sigaction(number, &ours, nullptr);
  }
  return Napi::Number::New(env, ends[0]);
}

}  // namespace agdbridge
