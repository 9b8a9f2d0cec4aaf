/* An addon that says that it is built for the first version of Node.js. */

/* As node.h has it, and will: every version reads what older ones wrote. */
struct node_module {
  int nm_version;
  unsigned int nm_flags;
  void *nm_dso_handle;
  const char *nm_filename;
  void *nm_register_func;
  void *nm_context_register_func;
  const char *nm_modname;
  void *nm_priv;
  struct node_module *nm_link;
};

extern void node_module_register(void *module);

static struct node_module module = {.nm_version = 1, .nm_modname = "old"};

__attribute__((constructor)) static void register_module(void) {
  node_module_register(&module);
}
