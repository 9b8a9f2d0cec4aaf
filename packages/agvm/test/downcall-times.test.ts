import test from 'ava';

import { DowncallTimer } from '../src/downcall-times.js';

/** A timer on a clock that each call of `send` advances by 2 ms. */
function timed() {
  const lines: string[] = [];
  let clock = 0;
  const timer = new DowncallTimer(
    (line) => lines.push(line),
    () => clock,
  );
  const agcc = timer.agcc({
    runAgCosmosDaemon: () => undefined,
    send: (_port, text) => {
      clock += 2;
      if (text === '"fails"') throw new Error('closed');
      return text;
    },
  });
  return { timer, agcc, lines };
}

test('an upcall reports its downcalls, failed ones too, before it is answered', async (t) => {
  const { timer, agcc, lines } = timed();
  const { end, commit } = timer.handlers({
    end: async () => {
      t.is(agcc.send(1, '"a"'), '"a"');
      await Promise.resolve();
      t.throws(() => agcc.send(1, '"fails"'), { message: 'closed' });
      return '"done"';
    },
    commit: () => {
      throw new Error('no space left');
    },
  });
  t.is(await end?.([]), '"done"');
  await t.throwsAsync(async () => commit?.([]), { message: 'no space left' });
  t.deepEqual(lines, [
    '{"method":"end","downcalls":2,"nanoseconds":4000000}\n',
    '{"method":"commit","downcalls":0,"nanoseconds":0}\n',
  ]);
});
