{
  'targets': [
    {
      'target_name': 'agdbridge',
      'sources': [
        'src/addon.cc',
        'src/channel.cc',
        'src/handle.cc',
        'src/library.cc',
        'src/process.cc',
        'src/signals.cc',
        'src/utf8.cc',
      ],
      # In the repository, or else in the package.
      'include_dirs': ['../../go/bridge/inproc', 'include'],
      'dependencies': [
        # C++ exceptions: a JavaScript error travels as Napi::Error.
        "<!(node -p \"require('node-addon-api').targets\"):node_addon_api_except",
      ],
      'defines': ['NAPI_VERSION=8'],
      'cflags_cc': ['-std=c++17', '-Wall', '-Wextra', '-fvisibility=hidden'],
      'cflags_cc!': ['-std=gnu++17', '-std=gnu++20', '-Wno-unused-parameter'],
      'cflags!': ['-Wno-unused-parameter'],
      # The Go library's threads call into the addon, and Go is never unloaded.
      # Node unloads the addons of a worker thread when that ends; nodelete
      # keeps this one's code where the callbacks expect it.
      'ldflags': ['-Wl,-z,nodelete'],
      'libraries': ['-ldl'],
      # The binary of make test-addon-memory.
      'configurations': {
        'Debug': {
          'cflags': [
            '-O1',
            '-fno-omit-frame-pointer',
            '-fno-sanitize-recover=all',
            '-fsanitize=address,undefined',
          ],
          'ldflags': ['-fsanitize=address,undefined'],
        },
      },
    },
  ],
}
