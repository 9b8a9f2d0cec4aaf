import { LocalError } from '@agd-bridge/bridge';
import test from 'ava';

import { goLibrary } from '../../bridge-inproc/test/libraries.js';
import { carrierOf, defaultVariables, openBridge } from '../src/index.js';

test('the environment names the carrier', (t) => {
  t.is(carrierOf({}), undefined);
  t.is(carrierOf({ BRIDGE_MEMORY_FD: '6' }), undefined);
  t.deepEqual(carrierOf({ BRIDGE_READ_FD: '4', BRIDGE_WRITE_FD: '5' }), {
    mode: 'split',
    readFd: 4,
    writeFd: 5,
  });
  t.deepEqual(
    carrierOf({
      BRIDGE_READ_FD: '4',
      BRIDGE_WRITE_FD: '5',
      BRIDGE_MEMORY_FD: '6',
      BRIDGE_LIBRARY: 'lib.so',
    }),
    { mode: 'split', readFd: 4, writeFd: 5, sharedFd: 6 },
  );
  t.deepEqual(carrierOf({ BRIDGE_LIBRARY: 'lib.so' }), {
    mode: 'in-process',
    library: 'lib.so',
  });
  const variables = { ...defaultVariables, library: 'LIBRARY' };
  t.deepEqual(carrierOf({ LIBRARY: 'lib.so' }, variables), {
    mode: 'in-process',
    library: 'lib.so',
  });
});

for (const [env, message] of [
  [
    { BRIDGE_READ_FD: '4' },
    'BRIDGE_WRITE_FD must be the number of an open file descriptor, but it is not set',
  ],
  [
    { BRIDGE_READ_FD: '-4', BRIDGE_WRITE_FD: '5' },
    'BRIDGE_READ_FD must be the number of an open file descriptor, but got "-4"',
  ],
  [
    {},
    'no bridge to open: neither BRIDGE_READ_FD and BRIDGE_WRITE_FD nor BRIDGE_LIBRARY is set: start this program from Go, with split.Run or inproc.Exec',
  ],
  [
    { BRIDGE_READ_FD: '998', BRIDGE_WRITE_FD: '999' },
    /^cannot open the pipes of descriptors 998 and 999: /,
  ],
  [
    { BRIDGE_LIBRARY: '/no/lib.so' },
    /^cannot load the Go library \/no\/lib\.so: /,
  ],
] as const) {
  test(`${JSON.stringify(env)} is refused`, (t) => {
    t.throws(() => openBridge(env), { instanceOf: LocalError, message });
  });
}

test('a library, with a config and a variable of another name', async (t) => {
  const bridge = openBridge(
    { LIBRARY: goLibrary },
    {
      variables: { library: 'LIBRARY' },
      config: {},
      software: 'test 1',
    },
  );
  t.is(bridge.mode, 'in-process');
  t.is(await bridge.call('program.Echo', ['[7]']), '[7]');
  await bridge.call('program.End', ['3', '"as asked"']).catch(() => undefined);
  t.deepEqual(await bridge.ended, { exitCode: 3, message: 'as asked' });
});
