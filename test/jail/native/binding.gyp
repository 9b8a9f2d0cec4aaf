{
  'target_defaults': { 'cflags': ['-Wall', '-Wextra'] },
  'targets': [
    {
      'target_name': 'calls',
      'sources': ['calls.c'],
      'defines': ['NAPI_VERSION=8'],
    },
    {
      'target_name': 'worker',
      'type': 'executable',
      'sources': ['worker.c'],
    },
  ],
}
