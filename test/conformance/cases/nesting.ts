import type { Case } from '../case.js';

export const nesting: Case[] = [
  {
    name: 'a downcall in an upcall in a downcall',
    outcome: 'each is answered',
    async run(_bridge, expect, side) {
      expect.deepEqual(await side.upcall('js.NestedSync', '7'), { result: 7 });
      expect.deepEqual(side.log, ['handler starts', 'handler ends']);
    },
  },
  {
    name: 'calls nest three deep, and fifty',
    outcome: 'each is answered, the innermost first',
    async run(_bridge, expect, side) {
      for (const depth of [3, 50]) {
        side.log.length = 0;
        const outcome = await side.upcall('js.Nested', String(depth));
        expect.deepEqual(outcome, { result: depth });
        const levels = Array.from({ length: depth + 1 }, (_, i) => i);
        expect.deepEqual(side.log, [
          ...levels.toReversed().map((i) => `in ${String(i)}`),
          ...levels.map((i) => `out ${String(i)}`),
        ]);
      }
    },
  },
  {
    name: 'callSync inside an upcall handler, while more upcalls arrive',
    outcome: 'they wait, and are handled afterwards, in order',
    async run(_bridge, expect, side) {
      side.startSync(
        { method: 'js.NestedSync', params: ['1'] },
        { method: 'js.Note', params: ['"note"'], notify: true },
        { method: 'js.NestedSync', params: ['2'] },
      );
      expect.deepEqual(await side.outcomes(2), [{ result: 1 }, { result: 2 }]);
      expect.deepEqual(side.log, [
        'handler starts',
        'handler ends',
        '"note"',
        'handler starts',
        'handler ends',
      ]);
    },
  },
  {
    name: 'a thousand callSyncs inside one upcall',
    outcome: 'each is answered before the upcall ends',
    async run(bridge, expect, side) {
      bridge.handle('js.Many', () => {
        for (let i = 0; i < 1000; i += 1) {
          expect.equal(bridge.callSync('test.Echo', [String(i)]), String(i));
        }
        return '"done"';
      });
      expect.deepEqual(await side.upcall('js.Many'), { result: 'done' });
    },
  },
];
