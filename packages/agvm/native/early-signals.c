// Preloaded into the node that agd becomes (go/vmproc/program.go): ends the
// process with agd's exit code for a stop, where a signal comes before
// JavaScript listens for it. Nothing has begun then that would have to be ended.
//
// Node clears the mask that it inherits and installs handlers of its own, by
// which SIGINT and SIGTERM end it as signals; both happen long before the first
// line of JavaScript. Our handlers stay until libuv installs the first ones.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// go/supervisor/exitcode.go, packages/agvm/src/exit-codes.ts.
enum { kExitStopped = 98 };

static const int kStops[] = {SIGINT, SIGTERM, SIGHUP};
enum { kCount = sizeof kStops / sizeof *kStops };

// Whether the handler of each is still ours, or SIGHUP still ignored.
static volatile sig_atomic_t early[kCount];

static int (*real_sigaction)(int, const struct sigaction *, struct sigaction *);

static void end(int number) {
  (void)number;
  _exit(kExitStopped);
}

// Children are not preloaded: the first entry of LD_PRELOAD is this library.
static void leave_environment(void) {
  const char *preload = getenv("LD_PRELOAD");
  if (preload == NULL) return;
  const char *rest = strpbrk(preload, ": ");
  if (rest != NULL && rest[1] != '\0') {
    setenv("LD_PRELOAD", rest + 1, 1);
  } else {
    unsetenv("LD_PRELOAD");
  }
}

__attribute__((constructor)) static void begin(void) {
  leave_environment();
  real_sigaction = (__typeof__(real_sigaction))dlsym(RTLD_NEXT, "sigaction");
  sigset_t stops;
  sigemptyset(&stops);
  for (int i = 0; real_sigaction != NULL && i < kCount; i++) {
    sigaddset(&stops, kStops[i]);
    struct sigaction action;
    real_sigaction(kStops[i], NULL, &action);
    early[i] = 1;
    if (kStops[i] == SIGHUP && action.sa_handler == SIG_IGN) continue;  // nohup
    memset(&action, 0, sizeof action);
    action.sa_handler = end;
    real_sigaction(kStops[i], &action, NULL);
  }
  // agd has blocked them before it became this program.
  pthread_sigmask(SIG_UNBLOCK, &stops, NULL);
}

// Node's own handlers are for one signal; libuv's stay.
static int is_nodes_own(const struct sigaction *action) {
  return (action->sa_flags & SA_RESETHAND) != 0 || action->sa_handler == SIG_DFL;
}

__attribute__((visibility("default"))) int sigaction(
    int number, const struct sigaction *action, struct sigaction *old) {
  for (int i = 0; action != NULL && i < kCount; i++) {
    if (kStops[i] != number || !early[i]) continue;
    if (is_nodes_own(action)) return real_sigaction(number, NULL, old);
    early[i] = 0;
  }
  return real_sigaction(number, action, old);
}
