// The executable agd: it loads libagd.so, which is beside it, and becomes agd.
// So the in-process and the split mode share one file of 140 MB. early.c of
// cmd/agd is linked in: stop signals end this program while it loads the library.
#include <dlfcn.h>
#include <stdio.h>

// supervisor.ExitFailure.
enum { kExitFailure = 1 };

int main(void) {
  // The run path is $ORIGIN: the directory of the executable's real path.
  void *library = dlopen("libagd.so", RTLD_NOW);
  void (*agd_main)(void) = NULL;
  if (library != NULL) *(void **)&agd_main = dlsym(library, "agd_main");
  if (agd_main == NULL) {
    fprintf(stderr, "agd: cannot load its library: %s: run `make build`, or install agd again\n", dlerror());
    return kExitFailure;
  }
  agd_main();
  return kExitFailure;  // It ends the process.
}
