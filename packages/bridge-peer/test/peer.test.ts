import {
  ClosedError,
  LocalError,
  RemoteError,
  type Json,
} from '@agd-bridge/bridge';
import test from 'ava';

import { alone, pair, turn } from './peers.js';

test('a call returns its result, and each failure its class and message', async (t) => {
  const [left] = pair(
    {},
    {
      handlers: {
        echo: ([first]) => first ?? 'null',
        later: async ([first]) => {
          await turn();
          return first ?? 'null';
        },
        nothing: () => undefined as unknown as Json,
        throws: () => {
          throw new TypeError('no <funds>\n"é"');
        },
        rejects: () => Promise.reject(new Error('later')),
        throwsText: () => {
          // eslint-disable-next-line @typescript-eslint/only-throw-error
          throw 'text';
        },
        throwsNoText: () => {
          throw Object.create(null) as Error;
        },
        broken: () => '{',
      },
    },
  );
  t.is(await left.call('echo', ['{"a":1e400}']), '{"a":1e400}');
  t.is(await left.call('later', ['"\\ud800"']), '"\\ud800"');
  t.is(await left.call('nothing', []), 'null');
  const remote = async (method: string, message: string) => {
    await t.throwsAsync(left.call(method, []), {
      instanceOf: RemoteError,
      message,
    });
  };
  await remote('throws', 'no <funds>\n"é"');
  await remote('rejects', 'later');
  await remote('throwsText', 'text');
  await remote('throwsNoText', 'the handler threw a value that has no text');
  await remote('broken', 'result: byte 1: expected a member name');
  await remote('none', 'unknown method "none"');
  await remote('__proto__', 'unknown method "__proto__"');
});

test('bad arguments reject and send nothing', async (t) => {
  const { peer, wire } = alone({ handlers: { m: () => 'null' } });
  const local = { instanceOf: LocalError };
  await t.throwsAsync(peer.call('', []), local);
  await t.throwsAsync(peer.call('m', ['1', '']), {
    ...local,
    message: 'params[1]: byte 0: expected a value',
  });
  t.throws(() => peer.callSync('m', ['x']), local);
  t.throws(() => {
    peer.notify('m', ['1 2']);
  }, local);
  t.throws(
    () => {
      peer.handle('m', () => 'null');
    },
    { ...local, message: 'method "m" already has a handler' },
  );
  t.deepEqual(wire.sent, []);
});

test('handlers start in the order of the messages, before receive returns', (t) => {
  const log: string[] = [];
  const { peer } = alone({
    handlers: {
      m: async ([n]) => {
        log.push(n ?? '');
        await turn();
        return 'null';
      },
    },
  });
  for (let i = 0; i < 100; i += 1) {
    peer.receive(
      `{"id":${i % 2 ? 'null' : String(i)},"method":"m","params":[${String(i)}]}`,
    );
    t.is(log.length, i + 1);
  }
  t.deepEqual(
    log,
    Array.from({ length: 100 }, (_, i) => String(i)),
  );
});

test('code that awaits a call continues before the next message is handled', async (t) => {
  const log: string[] = [];
  const { peer } = alone({
    handlers: {
      m: ([n]) => {
        log.push(`message ${n ?? ''}`);
        return 'null';
      },
    },
  });
  const { signal } = new AbortController();
  const calls = [
    peer.call('x', []),
    peer.call('x', [], { signal }),
    peer.call('x', []),
  ].map(async (call, i) => {
    await call.catch(() => undefined);
    log.push(`answer ${String(i + 1)}`);
  });
  peer.receive('{"id":null,"method":"m","params":[1]}');
  peer.receive('{"id":1,"result":1,"error":null}');
  peer.receive('{"id":null,"method":"m","params":[2]}');
  peer.receive('{"id":2,"result":1,"error":null}');
  peer.receive('{"id":3,"result":null,"error":"e"}');
  peer.receive('{"id":null,"method":"m","params":[3]}');
  await Promise.all(calls);
  await turn();
  t.deepEqual(log, [
    'message 1',
    'answer 1',
    'message 2',
    'answer 2',
    'answer 3',
    'message 3',
  ]);
});

test('messages that arrive during callSync are delivered afterwards, in order', async (t) => {
  const log: string[] = [];
  const { peer, wire } = alone({
    handlers: {
      m: ([n]) => {
        log.push(`message ${n ?? ''}`);
        return 'null';
      },
    },
  });
  wire.onCallSync = (_frame, id) => {
    peer.receive('{"id":null,"method":"m","params":[1]}');
    peer.receive('{"id":null,"method":"m","params":[2]}');
    return `{"id":${String(id)},"result":"done","error":null}`;
  };
  log.push(peer.callSync('x', []));
  log.push('after');
  peer.receive('{"id":null,"method":"m","params":[3]}');
  await turn();
  t.deepEqual(log, ['"done"', 'after', 'message 1', 'message 2', 'message 3']);
});

test('messages that arrive during a callSync inside a handler are handled before later ones', (t) => {
  const log: string[] = [];
  const { peer, wire } = alone({
    handlers: {
      outer: () => {
        log.push('outer');
        peer.callSync('x', []);
        log.push('outer ends');
        return 'null';
      },
      m: ([n]) => {
        log.push(`message ${n ?? ''}`);
        return 'null';
      },
    },
  });
  wire.onCallSync = (_frame, id) => {
    peer.receive('{"id":null,"method":"m","params":[1]}');
    return `{"id":${String(id)},"result":1,"error":null}`;
  };
  peer.receive('{"id":1,"method":"outer","params":[]}');
  peer.receive('{"id":null,"method":"m","params":[2]}');
  t.deepEqual(log, ['outer', 'outer ends', 'message 1', 'message 2']);
});

test('an aborted call rejects with the reason, and its late response is dropped', async (t) => {
  const { peer } = alone({ exclusive: ['block'] });
  const controller = new AbortController();
  const reason = new Error('enough');
  const call = peer.call('block', [], { signal: controller.signal });
  controller.abort(reason);
  t.is(await t.throwsAsync(call), reason);
  await t.throwsAsync(peer.call('block', []), {
    instanceOf: LocalError,
    message: 'a block action is already running',
  });
  peer.receive('{"id":1,"result":1,"error":null}');
  t.is(peer.state, 'open');
  const next = peer.call('block', []);
  peer.receive('{"id":3,"result":2,"error":null}');
  t.is(await next, '2');
  const aborted = AbortSignal.abort(reason);
  t.is(await t.throwsAsync(peer.call('x', [], { signal: aborted })), reason);
});

for (const [what, frame, message] of [
  ['a broken frame', '{', 'from peer: byte 1: expected a member name'],
  [
    'a response that no call waits for',
    '{"id":1,"result":1,"error":null}',
    'from peer: response to id 1, which no call waits for',
  ],
  [
    'a response to id 0',
    '{"id":0,"result":1,"error":null}',
    'from peer: response to id 0, which no call waits for',
  ],
  [
    'too many queued bytes',
    `{"id":null,"method":"${'m'.repeat(200)}","params":[]}`,
    'from peer: byte 200: expected at most 200 queued bytes (maxQueuedBytes)',
  ],
  [
    'too many params of few bytes',
    `{"id":null,"method":"m","params":[${'1,'.repeat(71)}1]}`,
    'from peer: byte 200: expected at most 200 queued bytes (maxQueuedBytes)',
  ],
  [
    'a notification of a method that needs a request',
    '{"id":null,"method":"act","params":[]}',
    'from peer: expected act as a request, got a notification',
  ],
  [
    'another call before the handshake',
    '{"id":1,"method":"late","params":[]}',
    'from peer: expected hello first, got "late"',
  ],
] as const) {
  test(`${what} closes the bridge`, async (t) => {
    const { peer, wire } = alone({
      limits: { maxQueuedBytes: 200 },
      requests: ['hello', 'act'],
      opening: ['hello', 'act', 'm', 'm'.repeat(200)],
    });
    peer.receive(frame);
    t.deepEqual(await peer.closed, { kind: 'protocol', message });
    t.is(wire.closes, 1);
    const closed = {
      instanceOf: ClosedError,
      message: `bridge closed: ${message}`,
    };
    await t.throwsAsync(peer.call('m', []), closed);
    t.throws(() => peer.callSync('m', []), closed);
    t.throws(() => {
      peer.notify('m', []);
    }, closed);
  });
}

test('after the first call any message is accepted, and a notification of any method that may be one', async (t) => {
  const { peer } = alone({ requests: ['act'], opening: ['hello'] });
  peer.receive('{"id":1,"method":"hello","params":[]}');
  peer.receive('{"id":2,"method":"act","params":[]}');
  peer.receive('{"id":null,"method":"late","params":[]}');
  await Promise.resolve();
  t.is(peer.state, 'open');
});

test('closing rejects every pending call once, before closed settles', async (t) => {
  const { peer, wire } = alone();
  const log: string[] = [];
  for (let i = 0; i < 3; i += 1) {
    peer.call('m', []).catch((error: unknown) => {
      t.true(error instanceof ClosedError);
      log.push((error as Error).message);
    });
  }
  void peer.closed.then(() => log.push('closed'));
  peer.close();
  peer.close();
  peer.end({ kind: 'protocol', message: 'late' });
  t.deepEqual(await peer.closed, { kind: 'local', message: 'bridge closed' });
  t.deepEqual(log, [
    'bridge closed',
    'bridge closed',
    'bridge closed',
    'closed',
  ]);
  t.is(wire.closes, 1);
});

test('a peer that ends during callSync fails it; responses that arrived before are still delivered', async (t) => {
  const { peer, wire } = alone();
  const answered = peer.call('m', []);
  const lost = peer.call('m', []);
  wire.onCallSync = () => {
    peer.receive('{"id":1,"result":"here","error":null}');
    peer.end({ kind: 'peer', message: 'bridge closed by the peer' });
    throw new ClosedError('whatever');
  };
  const closed = {
    instanceOf: ClosedError,
    message: 'bridge closed by the peer',
  };
  t.throws(() => peer.callSync('m', []), closed);
  await t.throwsAsync(lost, closed);
  t.is(await answered, '"here"');
  t.is((await peer.closed).kind, 'peer');
});

test('a response to another call during callSync closes the bridge', (t) => {
  const { peer, wire } = alone();
  wire.onCallSync = () => '{"id":9,"result":1,"error":null}';
  t.throws(() => peer.callSync('m', []), {
    instanceOf: ClosedError,
    message: 'bridge closed: from peer: expected the response to id 1',
  });
});

test('a callSync of a block action during another one is refused, and accepted afterwards', async (t) => {
  const { peer, wire } = alone({ exclusive: ['block', 'other'] });
  wire.onCallSync = (_frame, id) =>
    `{"id":${String(id)},"result":1,"error":null}`;
  const first = peer.call('block', []);
  t.throws(() => peer.callSync('other', []), {
    instanceOf: LocalError,
    message: 'a block action is already running',
  });
  peer.receive('{"id":1,"result":1,"error":null}');
  await first;
  t.is(peer.callSync('other', []), '1');
  t.is(peer.callSync('block', []), '1');
});

test('the number of pending calls is limited', async (t) => {
  const { peer } = alone({ limits: { maxPendingCalls: 1 } });
  const first = peer.call('m', []);
  await t.throwsAsync(peer.call('m', []), {
    instanceOf: LocalError,
    message: 'to peer: too many pending calls (maxPendingCalls 1)',
  });
  peer.close();
  await t.throwsAsync(first);
});

test('10,000 responses in one turn do not recurse', async (t) => {
  const { peer } = alone();
  const calls = Array.from({ length: 10_000 }, () => peer.call('m', []));
  calls.forEach((_, i) => {
    peer.receive(`{"id":${String(i + 1)},"result":${String(i)},"error":null}`);
  });
  const results = await Promise.all(calls);
  t.true(results.every((result, i) => result === String(i)));
});
