import test from 'ava';

import { lastWords } from '../src/index.js';

const killed =
  'agd: the VM ended: bridge closed by the peer (VM: signal: killed)';
const exited =
  'agd: the VM ended: bridge closed by the peer (VM: exit status 70)';
const aborted =
  'agd: the VM ended: bridge closed by the peer (VM: signal: aborted)';
const inProcess = 'agd: the VM ended: bridge closed by the peer';
const failed = 'agd: cannot make block 7: the disk is full';
const early = 'agvm: Loading slog sender modules';
const log = '10:05PM INF committed state height=7 process=agd';

const rows: readonly (readonly [
  title: string,
  lines: readonly string[],
  expected: string | undefined,
])[] = [
  [
    'of a killed VM, agd reports the signal, whatever the VM wrote before',
    [log, early, killed, ''],
    killed,
  ],
  [
    'a VM that exited explains itself in its last line',
    [early, 'agvm: no kernel', exited],
    `${exited}; agvm: no kernel`,
  ],
  [
    'the stack of an exception is left out',
    [
      'agvm: uncaught exception: boom',
      'agvm:  Error: boom',
      'agvm:     at run (file:///vm.js:1:1)',
      'agvm:     at file:///vm.js:2:2 {',
      'agvm: }',
      exited,
    ],
    `${exited}; agvm:  Error: boom`,
  ],
  [
    'an aborted VM explains itself above its stack',
    [
      'agvm: FATAL ERROR: out of memory',
      'agvm: ----- Native stack trace -----',
      'agvm:  1: 0xb76dc5 node::OOMErrorHandler [node]',
      aborted,
    ],
    `${aborted}; agvm: FATAL ERROR: out of memory`,
  ],
  ['a VM that wrote nothing', [exited], exited],
  [
    'in-process, agvm writes only its reason',
    ['agvm: the kernel failed', inProcess],
    `${inProcess}; agvm: the kernel failed`,
  ],
  ['a failure of agd', [early, failed], failed],
  ['agvm alone', ['agvm: no agd', log], 'agvm: no agd'],
  [
    'a crash of a runtime',
    [log, 'panic: nil map', 'goroutine 1 [running]:'],
    'panic: nil map',
  ],
  ['a killed node', [log], undefined],
];

for (const [title, lines, expected] of rows) {
  test(`last words: ${title}`, (t) => {
    t.is(lastWords(lines), expected);
  });
}
