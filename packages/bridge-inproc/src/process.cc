#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "signals.h"

namespace agdbridge {

namespace {

// A string for exec; throws if it contains a NUL.
std::string ExecString(Napi::Value value, const char* what) {
  if (!value.IsString()) {
    throw Napi::TypeError::New(value.Env(),
                               std::string(what) + " must be a string");
  }
  std::string text = value.As<Napi::String>().Utf8Value();
  if (text.find('\0') != std::string::npos) {
    throw Napi::TypeError::New(value.Env(),
                               std::string(what) + " must not contain NUL");
  }
  return text;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& s : strings) pointers.push_back(s.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Resets signals to the defaults of a new program, for the length of an exec.
// An exec resets handlers by itself, but keeps ignored signals (Node ignores
// SIGPIPE) and the thread's mask. The destructor is for an exec that failed.
class DefaultSignals {
 public:
  DefaultSignals() {
    struct sigaction fresh = {};
    fresh.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; number++) {
      struct sigaction action;
      if (sigaction(number, nullptr, &action) != 0 || IsHandled(action) ||
          action.sa_handler == SIG_DFL) {
        continue;
      }
      sigaction(number, &fresh, nullptr);
      ignored_.push_back({number, action});
    }
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, &mask_);
  }

  ~DefaultSignals() {
    pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
    for (const auto& [number, action] : ignored_) {
      sigaction(number, &action, nullptr);
    }
  }

  DefaultSignals(const DefaultSignals&) = delete;
  DefaultSignals& operator=(const DefaultSignals&) = delete;

 private:
  struct Ignored {
    int number;
    struct sigaction action;
  };
  std::vector<Ignored> ignored_;
  sigset_t mask_;
};

// Passes standard input, output and error to the new program, for the length of
// an exec: Node marks every descriptor that it inherits as close-on-exec.
class InheritedStdio {
 public:
  InheritedStdio() {
    for (int fd = 0; fd < 3; fd++) {
      flags_[fd] = fcntl(fd, F_GETFD);
      if (flags_[fd] >= 0) fcntl(fd, F_SETFD, flags_[fd] & ~FD_CLOEXEC);
    }
  }

  ~InheritedStdio() {
    for (int fd = 0; fd < 3; fd++) {
      if (flags_[fd] >= 0) fcntl(fd, F_SETFD, flags_[fd]);
    }
  }

  InheritedStdio(const InheritedStdio&) = delete;
  InheritedStdio& operator=(const InheritedStdio&) = delete;

 private:
  int flags_[3];
};

}  // namespace

void Exec(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = ExecString(info[0], "path");
  if (!info[1].IsArray() || !info[2].IsObject()) {
    throw Napi::TypeError::New(env, "exec(path, args, env)");
  }
  std::vector<std::string> argv{path};
  const auto args = info[1].As<Napi::Array>();
  for (uint32_t i = 0; i < args.Length(); i++) {
    argv.push_back(ExecString(args.Get(i), "an argument"));
  }
  std::vector<std::string> envp;
  const auto variables = info[2].As<Napi::Object>();
  const Napi::Array names = variables.GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); i++) {
    const Napi::Value name = names.Get(i);
    const Napi::Value value = variables.Get(name);
    if (value.IsUndefined()) continue;  // as child_process does
    envp.push_back(ExecString(name, "a variable's name") + "=" +
                   ExecString(value, "a variable's value"));
  }
  const std::vector<char*> argv_pointers = Pointers(argv);
  const std::vector<char*> envp_pointers = Pointers(envp);

  int error;
  {
    const DefaultSignals signals;
    const InheritedStdio stdio;
    execve(path.c_str(), argv_pointers.data(), envp_pointers.data());
    error = errno;
  }
  throw Napi::Error::New(
      env, "cannot execute " + path + ": " + std::string(strerror(error)));
}

Napi::Value DieWithParent(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsNumber()) {
    throw Napi::TypeError::New(env, "dieWithParent(parent)");
  }
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
    throw Napi::Error::New(env, std::string("parent-death signal: ") +
                                    strerror(errno));
  }
  // A parent that ended before this call triggers no signal.
  const bool there = getppid() == info[0].As<Napi::Number>().Int32Value();
  return Napi::Boolean::New(env, there);
}

}  // namespace agdbridge
