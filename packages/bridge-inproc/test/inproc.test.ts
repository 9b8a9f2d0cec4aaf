// The backend over the Go test library, beyond the conformance suite: the
// library, the program's end, several bridges.
import { ClosedError, LocalError, acceptHandshake } from '@agd-bridge/bridge';
import test from 'ava';

import { openInproc } from '../src/index.js';
import { goLibrary } from './libraries.js';
import { openPeer } from './open.js';

const byPeer = {
  instanceOf: ClosedError,
  message: 'bridge closed by the peer',
};

test('a library that cannot be loaded is a local error', (t) => {
  t.throws(() => openInproc({ library: 'no/such.so', config: {} }), {
    instanceOf: LocalError,
    message: `cannot load the Go library ${process.cwd()}/no/such.so: No such file or directory; build it (make build) or correct the path`,
  });
});

test('a config that the program refuses is a local error', (t) => {
  const config = { Refuse: 'no chain\u0000here' };
  t.throws(() => openInproc({ library: goLibrary, config }), {
    instanceOf: LocalError,
    message: config.Refuse,
  });
  t.throws(() => openInproc({ library: goLibrary, config: 'text' }), {
    message: /^config: json: cannot unmarshal string/,
  });
});

test('the handshake identifies the other side', async (t) => {
  const bridge = openInproc({ library: goLibrary, config: {} });
  t.teardown(() => {
    bridge.close();
  });
  t.like(await acceptHandshake(bridge, 'test'), { software: 'libbridgepeer' });
});

test('two bridges over one library are independent', async (t) => {
  const floods: string[][] = [[], []];
  const bridges = await Promise.all(
    floods.map((flood) =>
      openPeer(
        {},
        {
          handlers: {
            flood: (params) => {
              flood.push(params.join(' '));
              return 'null';
            },
          },
        },
      ),
    ),
  );
  const [a, b] = bridges as [(typeof bridges)[0], (typeof bridges)[0]];
  a.callSync('program.Flood', ['2', '"a"']);
  b.callSync('program.Flood', ['3', '"b"']);
  t.throws(() => a.callSync('program.Close', []), byPeer);
  await a.ended;
  t.is(b.callSync('program.Echo', ['1']), '1');
  await b.call('program.Echo', ['1']); // the notifications precede its response
  t.deepEqual(floods, [
    ['0 "a"', '1 "a"'],
    ['0 "b"', '1 "b"', '2 "b"'],
  ]);
  b.close();
  t.deepEqual(await b.ended, { exitCode: 0, message: '' });
});

test('values of every kind and size are returned unchanged', async (t) => {
  const bridge = await openPeer();
  t.teardown(() => {
    bridge.close();
  });
  const values = [
    '1e400',
    '9007199254740993',
    '"\\ud800\\u0000"',
    '"é€😀\u{10ffff}\u2028"',
    `"${'x'.repeat(8 * 1024 * 1024)}"`,
    `"${'é'.repeat(4 * 1024 * 1024)}"`,
  ];
  for (const value of values) {
    const what = value.slice(0, 20);
    t.true(bridge.callSync('program.Echo', [value]) === value, what);
    t.true((await bridge.call('program.Echo', [value])) === value, what);
  }
});

test('notifications sent during a synchronous call arrive after it, in order', async (t) => {
  const seen: string[] = [];
  const bridge = await openPeer(
    {},
    {
      handlers: {
        flood: ([number]) => {
          seen.push(number ?? '');
          return 'null';
        },
      },
    },
  );
  t.teardown(() => {
    bridge.close();
  });
  bridge.callSync('program.Flood', ['1000', '0']);
  t.deepEqual(seen, []);
  await bridge.call('program.Echo', ['1']);
  t.deepEqual(
    seen,
    Array.from({ length: 1000 }, (_, i) => String(i)),
  );
});

test('a peer that sends too much during a synchronous call breaks the protocol', async (t) => {
  let delivered = 0;
  const bridge = await openPeer(
    {},
    {
      limits: { maxQueuedBytes: 10_000 },
      handlers: {
        flood: () => {
          delivered += 1;
          return 'null';
        },
      },
    },
  );
  const payload = JSON.stringify('x'.repeat(1000));
  const error = t.throws(() =>
    bridge.callSync('program.Flood', ['1000', payload]),
  );
  t.true(error instanceof ClosedError);
  t.regex(
    error.message,
    /^bridge closed: from peer: byte \d+: expected at most 10000 queued bytes \(maxQueuedBytes\)$/,
  );
  t.is((await bridge.closed).kind, 'protocol');
  await bridge.ended;
  t.is(delivered, 9, 'what was queued is delivered');
});

test('closing by JavaScript settles every pending call, and the program returns', async (t) => {
  const bridge = await openPeer();
  const calls = [
    bridge.call('program.Wait', []),
    bridge.call('program.Wait', []),
  ];
  bridge.close();
  bridge.close();
  for (const call of calls) {
    await t.throwsAsync(call, {
      instanceOf: ClosedError,
      message: 'bridge closed',
    });
  }
  t.deepEqual(await bridge.closed, { kind: 'local', message: 'bridge closed' });
  t.throws(() => bridge.callSync('program.Echo', ['1']), {
    instanceOf: ClosedError,
  });
  t.deepEqual(await bridge.ended, { exitCode: 0, message: '' });
});

test('closing by the Go side settles every pending call', async (t) => {
  const bridge = await openPeer({}, { handlers: { flood: () => 'null' } });
  const flood = bridge.call('program.Flood', ['1', '0']);
  const close = bridge.call('program.Close', []);
  const wait = bridge.call('program.Wait', []);
  t.is(await flood, '1', 'what was answered before is delivered');
  await t.throwsAsync(close, byPeer);
  await t.throwsAsync(wait, byPeer);
  t.deepEqual(await bridge.closed, {
    kind: 'peer',
    message: 'bridge closed by the peer',
  });
  await bridge.ended;
});

test('closing by the Go side inside a synchronous call ends that call', async (t) => {
  let delivered = 0;
  const bridge = await openPeer(
    {},
    {
      handlers: {
        flood: () => {
          delivered += 1;
          return 'null';
        },
      },
    },
  );
  bridge.callSync('program.Flood', ['5', '0']);
  t.throws(() => bridge.callSync('program.Close', []), byPeer);
  t.throws(() => bridge.callSync('program.Echo', ['1']), byPeer);
  await t.throwsAsync(bridge.call('program.Echo', ['1']), byPeer);
  await bridge.ended;
  t.is(delivered, 5, 'what was sent before the end is delivered');
});

test("the program's end closes the bridge and gives its exit code", async (t) => {
  const bridge = await openPeer();
  bridge.notify('program.End', ['98', '"stopped"']);
  await t.throwsAsync(bridge.call('program.Wait', []), byPeer);
  t.deepEqual(await bridge.ended, { exitCode: 98, message: 'stopped' });
});

test('a panic ends the program, not the process', async (t) => {
  const bridge = await openPeer();
  bridge.notify('program.Panic', ['1']);
  t.deepEqual(await bridge.ended, { exitCode: 2, message: 'panic: 1' });
  t.is((await bridge.closed).kind, 'peer');
});

test('a panic of a handler is a remote error', async (t) => {
  const bridge = await openPeer();
  t.teardown(() => {
    bridge.close();
  });
  t.throws(() => bridge.callSync('program.Echo', []), {
    name: 'RemoteError',
    message: /index out of range/,
  });
  t.is(bridge.callSync('program.Echo', ['1']), '1');
});
