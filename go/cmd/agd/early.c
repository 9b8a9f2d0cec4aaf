//go:build cgo

// Stop signals before agd takes them, and while it becomes node: it ends with
// the exit code of a stop, for nothing has begun that would have to be ended.
// In Go that would be late: on a busy machine the packages alone take half a
// second to initialize.
#include <signal.h>
#include <string.h>
#include <unistd.h>

// supervisor.ExitSignal.
enum { kExitSignal = 98 };

// The commands that document this exit code. Another word of the command line
// that reads the same does no harm.
static const char *const kCommands[] = {"start",    "export", "restore",
                                        "localnet", "devnet", "ab"};

static void end(int number) {
  (void)number;
  _exit(kExitSignal);
}

static void install(void) {
  static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
  sigset_t blocked;
  sigemptyset(&blocked);
  for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
    struct sigaction action;
    if (sigaction(stops[i], NULL, &action) != 0) continue;
    if (stops[i] == SIGHUP && action.sa_handler == SIG_IGN) continue;  // nohup
    memset(&action, 0, sizeof action);
    action.sa_handler = end;
    action.sa_flags = SA_ONSTACK;
    sigaction(stops[i], &action, NULL);
    sigaddset(&blocked, stops[i]);
  }
  // agd devnet has blocked them before it became this program.
  sigprocmask(SIG_UNBLOCK, &blocked, NULL);
}

// Before Go's own start. Where nobody has asked for a signal with os/signal,
// Go passes it on to the handler that was there before its own.
__attribute__((constructor)) static void begin(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    for (size_t j = 0; j < sizeof kCommands / sizeof *kCommands; j++) {
      if (strcmp(argv[i], kCommands[j]) != 0) continue;
      install();
      return;
    }
  }
}
