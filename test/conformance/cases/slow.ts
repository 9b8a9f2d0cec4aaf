import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { LocalError, type Json } from '@agd-bridge/bridge';

import { is, type Case } from '../case.js';

const MiB = 1024 * 1024;
const full = `expected at most ${String(MiB)} queued bytes (maxQueuedBytes)`;

/** A JSON string of this many bytes. */
const text = (bytes: number): Json => `"${'x'.repeat(bytes - 2)}"`;

/** Blocks this thread until a file exists. */
function blockUntil(file: string): void {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(file)) Atomics.wait(nothing, 0, 0, 1);
}

export const slow: Case[] = [
  {
    name: 'agd sends to an agvm that does not read',
    outcome: `local at agd, once maxQueuedBytes wait: \`to node: byte N: ${full}\`; what was accepted arrives, in order`,
    limits: { maxQueuedBytes: MiB },
    async run(bridge, expect, side) {
      const directory = mkdtempSync(join(tmpdir(), 'conformance-'));
      const file = join(directory, 'flooded');
      const payload = text(10_000);
      bridge.notify('test.Flood', ['"js.Note"', payload, JSON.stringify(file)]);
      blockUntil(file);
      const flooded = JSON.parse(readFileSync(file, 'utf8')) as {
        sent: number;
        error: string;
        kind: string;
      };
      rmSync(directory, { recursive: true });
      expect.equal(flooded.kind, 'local');
      expect.equal(
        flooded.error.replace(/byte \d+/, 'byte N'),
        `to node: byte N: ${full}`,
      );
      // The queue, plus the carrier's own capacity: twice a pipe's 64 KiB, or a
      // ring's 2 MiB.
      const bytes = flooded.sent * payload.length;
      expect.equal(bytes > 0.9 * MiB && bytes < 3.2 * MiB, true, String(bytes));
      expect.equal(await bridge.call('test.Echo', ['1']), '1');
      expect.equal(side.log.length, flooded.sent);
      expect.equal(
        side.log.every((note) => note === payload),
        true,
      );
    },
  },
  {
    name: 'agd sends too much while agvm waits in callSync',
    outcome: `protocol at agvm: \`from go: byte N: ${full}\`; callSync: closed, with the same text; agd: closed`,
    limits: { maxQueuedBytes: MiB },
    run(bridge, expect, side) {
      const note = { method: 'js.Note', params: [text(100_000)], notify: true };
      let thrown: unknown;
      try {
        side.startSync({ ...note, times: 11 });
      } catch (error) {
        thrown = error;
      }
      const frame =
        100_000 + '{"id":null,"method":"js.Note","params":[]}'.length;
      const message = `from go: byte ${String(MiB - 10 * frame)}: ${full}`;
      expect.equal((thrown as Error).message, `bridge closed: ${message}`);
      return bridge.closed.then((reason) => {
        expect.deepEqual(reason, { kind: 'protocol', message });
      });
    },
  },
  {
    name: 'agvm sends too much while a handler of agd works',
    outcome: `protocol at agd: \`from node: byte N: ${full}\`; agvm: closed`,
    limits: { maxQueuedBytes: MiB },
    goTells: [
      `go closed: protocol: from node: byte ${String(MiB - 10 * 100_044)}: ${full}`,
    ],
    async run(bridge, expect, side) {
      // A notification, because a call's handler would yield.
      bridge.notify('test.Hang', ['"works"']);
      // Until the handler starts, its own frame is in the queue.
      while (side.log.length === 0) await new Promise(setImmediate);
      for (let i = 0; i < 11; i += 1) {
        bridge.notify('test.Note', [text(100_000)]);
        await new Promise(setImmediate);
      }
      expect.equal((await bridge.closed).kind, 'peer');
    },
  },
  {
    name: 'a message longer than maxQueuedBytes, each way',
    outcome: `local: \`to …: byte N: ${full}\``,
    limits: { maxQueuedBytes: MiB },
    async run(bridge, expect) {
      const long = text(MiB);
      const refused = is(LocalError, `to go: byte ${String(MiB)}: ${full}`);
      await expect.rejects(bridge.call('test.Echo', [long]), refused);
      expect.throws(() => bridge.callSync('test.Echo', [long]), refused);
      expect.throws(() => {
        bridge.notify('test.Note', [long]);
      }, refused);
      const own = JSON.parse(
        await bridge.call('test.Long', [String(MiB)]),
      ) as unknown;
      expect.deepEqual(own, {
        error: `to node: byte ${String(MiB)}: ${full}`,
        kind: 'local',
      });
      expect.equal(bridge.callSync('test.Echo', ['1']), '1');
    },
  },
];
