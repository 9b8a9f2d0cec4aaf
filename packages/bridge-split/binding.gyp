{
  'targets': [
    {
      'target_name': 'agdsplit',
      'sources': ['src/addon.cc', 'src/frame.cc', 'src/pipe.cc', 'src/shm.cc'],
      'dependencies': [
        # C++ exceptions: a JavaScript error travels as Napi::Error.
        "<!(node -p \"require('node-addon-api').targets\"):node_addon_api_except",
      ],
      'defines': ['NAPI_VERSION=8'],
      'cflags_cc': ['-std=c++17', '-Wall', '-Wextra', '-fvisibility=hidden'],
      'cflags_cc!': ['-std=gnu++17', '-std=gnu++20', '-Wno-unused-parameter'],
      'cflags!': ['-Wno-unused-parameter'],
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
