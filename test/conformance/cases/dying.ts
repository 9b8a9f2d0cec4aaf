import { ClosedError } from '@agd-bridge/bridge';

import { GO_ENDS, is, type Case } from '../case.js';
import type { Outgoing } from '../js-side.js';

const hang: Outgoing = { method: 'js.Hang' };
const hangText = JSON.stringify(hang);
const onePid = { 'in-process': 'the peer is this process' };
const gone = { kind: 'peer', message: 'bridge closed by the peer' };
const closed = is(ClosedError, gone.message);
const half = '{"id":null,"meth';

/** One process ends without a message; the case checks what the other sees. */
export const dying: Case[] = [
  {
    name: 'agd dies idle',
    outcome: 'agvm: closed',
    notApplicable: onePid,
    goTells: [],
    async run(bridge, expect) {
      bridge.notify('test.Exit', []);
      expect.deepEqual(await bridge.closed, gone);
    },
  },
  {
    name: 'agd dies with calls pending, ours and its own',
    outcome: 'agvm: closed, and every pending call at once',
    notApplicable: onePid,
    goTells: [],
    async run(bridge, expect, side) {
      await side.start(hang);
      const lost = [
        expect.rejects(bridge.call('test.Upcall', [hangText]), closed),
        expect.rejects(bridge.call('test.Exit', []), closed),
      ];
      await Promise.all(lost);
      expect.deepEqual(await bridge.closed, gone);
    },
  },
  {
    name: 'agd dies during callSync',
    outcome: 'agvm: closed, callSync too',
    notApplicable: onePid,
    goTells: [],
    async run(bridge, expect) {
      expect.throws(() => bridge.callSync('test.Exit', []), closed);
      expect.deepEqual(await bridge.closed, gone);
    },
  },
  {
    name: 'agd dies in the middle of a frame',
    outcome:
      'protocol at agvm: `from go: byte N: expected "\\n", not the end of the stream`; pending calls: closed',
    notApplicable: onePid,
    goTells: [],
    async run(bridge, expect, side) {
      const message =
        'from go: byte 16: expected "\\n", not the end of the stream';
      const lost = expect.rejects(
        bridge.call('test.Upcall', [hangText]),
        is(ClosedError, `bridge closed: ${message}`),
      );
      side.rawFromGo([half], 'exit');
      expect.deepEqual(await bridge.closed, { kind: 'protocol', message });
      await lost;
    },
  },
  {
    name: 'agvm dies idle',
    outcome: 'agd: closed',
    notApplicable: onePid,
    goTells: [GO_ENDS],
    run: (_bridge, _expect, side) => side.die(),
  },
  {
    name: 'agvm dies with calls pending, ours and its own',
    outcome: 'agd: closed, and every pending call at once',
    notApplicable: onePid,
    goTells: ['go lost: closed: bridge closed by the peer', GO_ENDS],
    async run(bridge, _expect, side) {
      await side.start(hang);
      void bridge.call('test.Upcall', [hangText]);
      await bridge.call('test.Null', []);
      await side.die();
    },
  },
  {
    name: 'agvm dies in the middle of a frame',
    outcome:
      'protocol at agd: `from node: byte N: expected "\\n", not the end of the stream`; pending calls: closed',
    notApplicable: onePid,
    raw: true,
    goTells: [
      'go lost: closed: bridge closed: from node: byte 16: expected "\\n", not the end of the stream',
      'go closed: protocol: from node: byte 16: expected "\\n", not the end of the stream',
    ],
    async run(_bridge, _expect, side) {
      await side.start(hang);
      side.rawToGo(half);
      await side.die();
    },
  },
];
