import type { Case } from '../case.js';

export const basic: Case[] = [
  {
    name: 'a call and a callSync get their results',
    outcome: 'the result',
    async run(bridge, expect) {
      expect.equal(await bridge.call('test.Echo', ['{"a":[1]}']), '{"a":[1]}');
      expect.equal(bridge.callSync('test.Echo', ['"x"']), '"x"');
    },
  },
  {
    name: 'Go calls JavaScript',
    outcome: 'the result',
    async run(_bridge, expect, side) {
      expect.deepEqual(await side.upcall('js.Echo', '1'), { result: 1 });
    },
  },
  {
    name: 'a null result is a result',
    outcome: '`null`',
    async run(bridge, expect, side) {
      expect.equal(await bridge.call('test.Null', []), 'null');
      expect.equal(bridge.callSync('test.Null', []), 'null');
      expect.deepEqual(await side.upcall('js.Null'), { result: null });
    },
  },
  {
    name: 'notifications arrive and have no answer',
    outcome: 'handled in order; no frame goes back',
    async run(bridge, expect, side) {
      bridge.notify('test.Note', ['1']);
      bridge.notify('test.Note', ['2']);
      expect.equal(bridge.callSync('test.Notified', []), '["1","2"]');
      await side.start({ method: 'js.Note', params: ['3'], notify: true });
      expect.deepEqual(side.log, ['3']);
    },
  },
  {
    name: 'a notification without a handler, or whose handler fails, is dropped',
    outcome: 'nothing; the bridge stays open',
    async run(bridge, expect, side) {
      bridge.notify('no.Such', []);
      bridge.notify('test.Fail', ['"x"']);
      bridge.notify('test.Panic', ['"x"']);
      expect.equal(bridge.callSync('test.Echo', ['1']), '1');
      await side.start(
        { method: 'no.Such', notify: true },
        { method: 'js.Throw', params: ['"x"'], notify: true },
        { method: 'js.Reject', params: ['"x"'], notify: true },
      );
      expect.deepEqual(await side.upcall('js.Echo', '1'), { result: 1 });
    },
  },
  {
    name: 'the handshake comes first, and agd makes it',
    outcome: 'the first two frames, byte for byte',
    async run(bridge, expect, side) {
      expect.equal(await bridge.call('test.Echo', ['1']), '1');
      expect.deepEqual(side.frames.slice(0, 3), [
        {
          direction: 'in',
          frame:
            '{"id":1,"method":"bridge.Handshake","params":[{"protocol":1,"software":"bridgepeer 0.1.0","capabilities":[]}]}',
        },
        {
          direction: 'out',
          frame:
            '{"id":1,"result":{"protocol":1,"software":"fixture","capabilities":[]},"error":null}',
        },
        {
          direction: 'out',
          frame: '{"id":1,"method":"test.Echo","params":[1]}',
        },
      ]);
    },
  },
];
