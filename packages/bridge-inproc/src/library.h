#ifndef AGDBRIDGE_LIBRARY_H
#define AGDBRIDGE_LIBRARY_H

#include <string>

#include "agdbridge.h"

namespace agdbridge {

// The functions of one loaded Go library (agdbridge.h). A library stays loaded
// until the process ends: a Go runtime cannot be unloaded.
struct Library {
  std::string path;  // resolved, without symbolic links
  agdbridge_open_fn* open = nullptr;
  agdbridge_send_fn* send = nullptr;
  agdbridge_call_fn* call = nullptr;
  agdbridge_close_fn* close = nullptr;
  agdbridge_free_fn* free = nullptr;
};

// Resolves symbolic links. Throws std::runtime_error with one line that names
// the file and says what to do.
std::string ResolveLibraryPath(const std::string& path);

// Loads the library at a resolved path. Throws std::runtime_error likewise,
// also if the process has loaded another library of this kind, in any thread
// and by any copy of the addon: two Go runtimes in a process would crash it.
Library LoadLibrary(const std::string& resolved);

}  // namespace agdbridge

#endif
