import test from 'ava';

import { UsageError, limitsOf, modeOf } from '../src/modes.js';

test('the environment that agd sets decides the mode', (t) => {
  t.deepEqual(modeOf({ AGVM_FROM_AGD: '4', AGVM_TO_AGD: '5' }, ['start']), {
    kind: 'split',
    readFd: 4,
    writeFd: 5,
  });
  t.deepEqual(modeOf({ AGVM_LIBAGD: '/b/libagd.so' }, []), {
    kind: 'inproc',
    library: '/b/libagd.so',
  });
  t.deepEqual(modeOf({}, ['start', '--split']), { kind: 'launch' });
  t.deepEqual(modeOf({}, []), { kind: 'help' });
  t.deepEqual(modeOf({}, ['--help']), { kind: 'help' });
  t.deepEqual(modeOf({}, ['--version']), { kind: 'version' });
});

const mistakes: [env: NodeJS.ProcessEnv, args: string[], message: RegExp][] = [
  [
    { AGVM_FROM_AGD: '4' },
    [],
    /^AGVM_TO_AGD must be .* not set.*agd start --split/,
  ],
  [{ AGVM_TO_AGD: '5' }, [], /^AGVM_FROM_AGD must be .* not set/],
  [
    { AGVM_FROM_AGD: 'x', AGVM_TO_AGD: '5' },
    [],
    /^AGVM_FROM_AGD must be .* got "x"/,
  ],
  [
    { AGVM_FROM_AGD: '4', AGVM_TO_AGD: '-1' },
    [],
    /^AGVM_TO_AGD must be .* got "-1"/,
  ],
  [{}, ['status'], /^unknown command "status".*use agd/],
];

for (const [env, args, message] of mistakes) {
  test(`names the mistake in ${JSON.stringify(env)} ${args.join(' ')}`, (t) => {
    t.throws(() => modeOf(env, args), { instanceOf: UsageError, message });
  });
}

test('limits are those that agd passes', (t) => {
  t.deepEqual(limitsOf({}), {});
  t.deepEqual(limitsOf({ AGVM_LIMITS: '{"maxNesting":20}' }), {
    maxNesting: 20,
  });
});

for (const [text, message] of [
  ['{"maxNesting":0}', 'maxNesting must be a positive integer, not 0'],
  ['{"maxNesting":1.5}', 'maxNesting must be a positive integer, not 1.5'],
  [
    '{"constructor":1}',
    'unknown limit "constructor": install agd and agvm from the same release',
  ],
  ['{', /^AGVM_LIMITS: .*JSON/],
] as const) {
  test(`limits of ${text} are refused`, (t) => {
    t.throws(() => limitsOf({ AGVM_LIMITS: text }), {
      instanceOf: UsageError,
      message:
        typeof message === 'string' ? `AGVM_LIMITS: ${message}` : message,
    });
  });
}
