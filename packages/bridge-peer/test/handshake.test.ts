import {
  HANDSHAKE_METHOD,
  ClosedError,
  LocalError,
  acceptHandshake,
  type Hello,
} from '@agd-bridge/bridge';
import { Peer, type Transport } from '@agd-bridge/bridge-peer';
import { frameText } from '@agd-bridge/jsonrpc1';
import test from 'ava';

/** A peer whose other side is the test; the frames that it sends. */
function alone(): { peer: Peer; sent: string[] } {
  const sent: string[] = [];
  const transport: Transport = {
    send: (frame) => {
      sent.push(frameText(frame));
    },
    callSync: () => {
      throw new LocalError('not here');
    },
    close: () => undefined,
  };
  return { peer: new Peer(() => transport), sent };
}

const hello = (value: unknown) =>
  `{"id":1,"method":"${HANDSHAKE_METHOD}","params":[${JSON.stringify(value)}]}`;

test("each side receives the other's hello", async (t) => {
  const { peer, sent } = alone();
  const agd: Hello = {
    protocol: 1,
    software: 'agd 9',
    capabilities: ['known', 'unknown'],
  };
  const accepted = acceptHandshake(peer, 'agvm 8', ['known']);
  peer.receive(hello(agd));
  t.deepEqual(await accepted, agd);
  t.deepEqual(sent, [
    '{"id":1,"result":{"protocol":1,"software":"agvm 8","capabilities":["known"]},"error":null}',
  ]);
});

test('each side may send its process id', async (t) => {
  const { peer, sent } = alone();
  const agd: Hello = {
    protocol: 1,
    software: 'agd 9',
    capabilities: [],
    pid: 9,
  };
  const accepted = acceptHandshake(peer, 'agvm 8', [], 8);
  peer.receive(hello(agd));
  t.deepEqual(await accepted, agd);
  t.deepEqual(sent, [
    '{"id":1,"result":{"protocol":1,"software":"agvm 8","capabilities":[],"pid":8},"error":null}',
  ]);
});

test('another version is refused with an error that names both versions and what to do', async (t) => {
  const { peer, sent } = alone();
  const accepted = acceptHandshake(peer, 'agvm 8');
  peer.receive(hello({ protocol: 2, software: 'agd 9', capabilities: [] }));
  const message =
    'bridge protocol mismatch: agd 9 speaks version 2, agvm 8 speaks version 1; install both from the same release';
  await t.throwsAsync(accepted, { instanceOf: LocalError, message });
  await new Promise(setImmediate);
  t.deepEqual(sent, [
    `{"id":1,"result":null,"error":${JSON.stringify(message)}}`,
  ]);
});

for (const [what, value] of [
  ['nothing', undefined],
  ['no object', 7],
  ['no protocol', { software: 'agd 9' }],
  ['a protocol that is not an integer', { protocol: 1.5, software: 'agd 9' }],
  ['no software', { protocol: 1 }],
  [
    'capabilities that are no list',
    { protocol: 1, software: 'agd', capabilities: 1 },
  ],
  [
    'a process id that is no positive integer',
    { protocol: 1, software: 'agd', pid: -7 },
  ],
  [
    'a process id that is no number',
    { protocol: 1, software: 'agd', pid: '7' },
  ],
] as const) {
  test(`a handshake with ${what} is refused`, async (t) => {
    const { peer, sent } = alone();
    const accepted = acceptHandshake(peer, 'agvm 8');
    peer.receive(
      value === undefined
        ? `{"id":1,"method":"${HANDSHAKE_METHOD}","params":[]}`
        : hello(value),
    );
    await t.throwsAsync(accepted, {
      instanceOf: LocalError,
      message:
        'handshake: expected {"protocol":integer,"software":string,"capabilities":[string, …],"pid":integer}',
    });
    await new Promise(setImmediate);
    t.regex(sent.join(), /"error":"handshake: expected/);
  });
}

test('a bridge that closes before the handshake reports why', async (t) => {
  const { peer } = alone();
  const accepted = acceptHandshake(peer, 'agvm 8');
  peer.receive('no JSON');
  await t.throwsAsync(accepted, {
    instanceOf: ClosedError,
    message:
      'bridge closed before the handshake: from peer: byte 0: expected "{"',
  });
});
