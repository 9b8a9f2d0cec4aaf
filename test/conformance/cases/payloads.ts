import { JsonText, type Bridge, type Json } from '@agd-bridge/bridge';

import type { Case, Expect } from '../case.js';
import type { JsSide, Traced } from '../js-side.js';

const MiB = 1024 * 1024;

/** A JSON string of this many bytes. */
function large(bytes: number): Json {
  return `"${'x'.repeat(bytes - 2)}"`;
}

/** Sends one value by every kind of message, in both directions. */
async function everyWay(
  bridge: Bridge,
  expect: Expect,
  side: JsSide,
  value: Json,
): Promise<void> {
  expect.equal(await bridge.call('test.Echo', [value]), value);
  expect.equal(bridge.callSync('test.Echo', [value]), value);
  await side.start({ method: 'js.Note', params: [value], notify: true });
  expect.equal(side.log.pop(), value);
  bridge.notify('test.Note', [value]);
  const notes = JSON.parse(bridge.callSync('test.Notified', [])) as Json[];
  expect.equal(notes.at(-1), value);
  const echoed = { method: 'js.Echo', params: [value] };
  const outcome = await bridge.call('test.Upcall', [JSON.stringify(echoed)]);
  expect.equal(outcome, `{"result":${value}}`);
}

export const payloads: Case[] = [
  {
    name: 'texts arrive as they were sent: 1e400, 2^53+1, lone surrogates, NUL, U+2028, emoji',
    outcome: 'the same text, as param, result and notification',
    async run(bridge, expect, side) {
      const value =
        '{"n":[1e400,-1e400,9007199254740993,0.1e-999,-0,1E+2],' +
        '"s":["\\ud800","\\uDC00\\ud800","\\u0000","\u2028\u2029","😀","\\ud83d\\ude00","é","\\u00e9","\\/","<>&","\ufeff"],' +
        '"\\udfff":{"a":1,"a":2},"":[[],{},"",null,true,false]}';
      await everyWay(bridge, expect, side, value);
    },
  },
  {
    name: '__proto__ and constructor are ordinary names',
    outcome: 'the same text; no prototype is touched',
    async run(bridge, expect, side) {
      const value =
        '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1}';
      await everyWay(bridge, expect, side, value);
      expect.equal('polluted' in {}, false);
    },
  },
  {
    name: 'a payload of 1 MiB',
    outcome: 'the same text',
    async run(bridge, expect, side) {
      await everyWay(bridge, expect, side, large(MiB));
    },
  },
  {
    name: 'payloads near the lengths at which a carrier changes its way: 4, 32 and 64 KiB',
    outcome: 'the same texts',
    run: (bridge, expect) => {
      for (const length of [4, 32, 64].map((KiB) => KiB * 1024)) {
        // The frame adds some 50 bytes.
        for (let bytes = length - 64; bytes <= length + 8; bytes += 3) {
          const records = `[{"a":"b","c":[1,null]},${large(bytes - 24)}]`;
          for (const text of [records, records.replace('b', 'é')]) {
            expect.equal(bridge.callSync('test.Echo', [text]), text);
            const trusted = JsonText.parse(text);
            expect.equal(bridge.callSync('test.Echo', [trusted]), text);
          }
        }
      }
      return Promise.resolve();
    },
  },
  {
    name: '8 MiB both ways at once',
    outcome: 'the same texts; no deadlock',
    async run(bridge, expect, side) {
      const value = large(8 * MiB);
      await side.start({ method: 'js.Echo', params: ['1'] });
      const calls = [
        bridge.call('test.Echo', [value]),
        side.upcall('js.Echo', value),
        bridge.call('test.Echo', [value]),
        side.upcall('js.Echo', value),
      ];
      const [a, b, c, d] = await Promise.all(calls);
      expect.equal(a, value);
      expect.equal(c, value);
      expect.equal((b as { result: string }).result.length, value.length - 2);
      expect.equal((d as { result: string }).result.length, value.length - 2);
    },
  },
  {
    name: 'callSync of 8 MiB while the peer sends 8 MiB',
    outcome: 'the same texts; no deadlock',
    async run(bridge, expect, side) {
      const value = large(8 * MiB);
      side.startSync(
        { method: 'js.Note', params: [value], notify: true },
        { method: 'js.Echo', params: [value] },
      );
      expect.equal(bridge.callSync('test.Echo', [value]), value);
      const [outcome] = await side.outcomes(1);
      expect.equal((outcome?.result as string).length, value.length - 2);
      expect.deepEqual(side.log, [value]);
    },
  },
  {
    name: 'the three vbank messages, byte for byte',
    outcome: 'the frames, byte for byte',
    async run(bridge, expect, side) {
      const address = '"address":"agoric1abc123","denom":"uist"';
      for (let id = 1; id < 122; id += 1) bridge.callSync('test.Null', []);
      bridge.callSync('test.SendBalances', []);
      expect.equal(
        bridge.callSync('vbank.GetBalance', [`{${address}}`]),
        '"654321"',
      );
      await bridge.call('test.Null', []);
      const seen = JSON.parse(bridge.callSync('test.Frames', [])) as Traced[];
      // Go's outbound is JavaScript's inbound.
      const both = [
        ...side.frames,
        ...seen.map(({ direction, frame }) => ({
          direction: direction === 'in' ? 'out' : 'in',
          frame,
        })),
      ];
      for (const expected of [
        {
          direction: 'in',
          frame: `{"id":null,"method":"vbank.BalanceUpdate","params":[{"nonce":123,"updates":[{${address},"amount":"654321"}]}]}`,
        },
        {
          direction: 'out',
          frame: `{"id":123,"method":"vbank.GetBalance","params":[{${address}}]}`,
        },
        {
          direction: 'in',
          frame: '{"id":123,"result":"654321","error":null}',
        },
      ]) {
        const count = both.filter(
          ({ direction, frame }) =>
            direction === expected.direction && frame === expected.frame,
        ).length;
        expect.equal(count, 2, expected.frame);
      }
      expect.deepEqual(side.log, [
        `{"nonce":123,"updates":[{${address},"amount":"654321"}]}`,
      ]);
    },
  },
];
