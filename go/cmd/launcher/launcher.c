// The executable agd: it loads libagd.so, which is beside it, and becomes agd.
// So the in-process and the split mode share one file of 140 MB. early.c of
// cmd/agd is linked in: stop signals end this program while it loads the library.
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

// supervisor.ExitFailure.
enum { kExitFailure = 1 };

static void nothing(int number) { (void)number; }

// Go's runtime handles all signals in a program, and drops those without a
// listener. In a library it handles only faults, so the others would end agd:
// SIGXFSZ, for example, instead of an error of the write. A handler, unlike
// SIG_IGN, is not inherited by the programs that agd starts.
static void drop(int number) {
  struct sigaction action;
  if (sigaction(number, NULL, &action) != 0 || action.sa_handler != SIG_DFL) {
    return;
  }
  memset(&action, 0, sizeof action);
  action.sa_handler = nothing;
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  sigaction(number, &action, NULL);
}

static void drop_unwanted(void) {
  static const int unwanted[] = {SIGUSR1, SIGUSR2,   SIGALRM, SIGXCPU,
                                 SIGXFSZ, SIGVTALRM, SIGIO,   SIGPWR};
  for (size_t i = 0; i < sizeof unwanted / sizeof *unwanted; i++) {
    drop(unwanted[i]);
  }
  for (int number = SIGRTMIN; number <= SIGRTMAX; number++) drop(number);
}

int main(void) {
  drop_unwanted();
  // The run path is $ORIGIN: the directory of the executable's real path.
  void *library = dlopen("libagd.so", RTLD_NOW);
  void (*agd_main)(void) = NULL;
  if (library != NULL) *(void **)&agd_main = dlsym(library, "agd_main");
  if (agd_main == NULL) {
    fprintf(stderr, "agd: cannot load its library: %s: run \"make build\", or install agd again\n", dlerror());
    return kExitFailure;
  }
  agd_main();
  return kExitFailure;  // It ends the process.
}
