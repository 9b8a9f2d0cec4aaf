#include "library.h"

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

namespace agdbridge {

namespace {

// dlerror may return several lines; our errors have one line.
std::string LoaderError() {
  const char* text = dlerror();
  std::string line = text == nullptr ? "unknown error" : text;
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

template <typename Function>
Function* Symbol(void* library, const std::string& path, const char* name) {
  void* symbol = dlsym(library, name);
  if (symbol == nullptr) {
    throw std::runtime_error(
        path + " is not a library for this addon: it does not export " + name +
        "; build it with -buildmode=c-shared from a main package that imports "
        "go/bridge/inproc");
  }
  return reinterpret_cast<Function*>(symbol);
}

int AddName(dl_phdr_info* info, size_t, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(info->dlpi_name);
  return 0;
}

// The path of the library of this kind that the process has loaded; empty if
// there is none. Asks the dynamic loader, which covers all threads.
std::string LoadedLibraryPath() {
  std::vector<std::string> names;
  dl_iterate_phdr(&AddName, &names);
  for (const std::string& name : names) {
    if (name.empty()) continue;  // the program itself, which dlopen knows as NULL
    void* handle = dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (handle == nullptr) continue;
    const void* symbol = dlsym(handle, "agdbridge_abi_version");
    Dl_info owner;  // handle's library, or one that it depends on
    const bool found = symbol != nullptr && dladdr(symbol, &owner) != 0;
    dlclose(handle);
    if (found) return owner.dli_fname;
  }
  return "";
}

}  // namespace

std::string ResolveLibraryPath(const std::string& path) {
  std::unique_ptr<char, decltype(&::free)> resolved(
      realpath(path.c_str(), nullptr), &::free);
  if (resolved == nullptr) {
    throw std::runtime_error("cannot load the Go library " + path + ": " +
                             std::strerror(errno) +
                             "; build it (make build) or correct the path");
  }
  return resolved.get();
}

Library LoadLibrary(const std::string& resolved) {
  const std::string loaded = LoadedLibraryPath();
  if (!loaded.empty() && loaded != resolved) {
    throw std::runtime_error("cannot load the Go library " + resolved +
                             ": this process has loaded " + loaded +
                             ", and cannot hold two; use another process");
  }
  // RTLD_LOCAL: everything is looked up through the handle, so the library's
  // symbols cannot interfere with those of Node or of other addons.
  void* handle =
      dlopen(resolved.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    throw std::runtime_error("cannot load the Go library " + resolved + ": " +
                             LoaderError() +
                             "; build it for this machine (make build)");
  }
  auto* version = Symbol<agdbridge_abi_version_fn>(handle, resolved,
                                                   "agdbridge_abi_version");
  const uint32_t theirs = version();
  if (theirs != AGDBRIDGE_ABI_VERSION) {
    throw std::runtime_error(
        resolved + " has version " + std::to_string(theirs) +
        " of the C interface, this addon has version " +
        std::to_string(AGDBRIDGE_ABI_VERSION) +
        "; install both from the same release");
  }
  Library library;
  library.path = resolved;
  library.open = Symbol<agdbridge_open_fn>(handle, resolved, "agdbridge_open");
  library.send = Symbol<agdbridge_send_fn>(handle, resolved, "agdbridge_send");
  library.call = Symbol<agdbridge_call_fn>(handle, resolved, "agdbridge_call");
  library.close =
      Symbol<agdbridge_close_fn>(handle, resolved, "agdbridge_close");
  library.free = Symbol<agdbridge_free_fn>(handle, resolved, "agdbridge_free");
  return library;
}

}  // namespace agdbridge
