import test from 'ava';

import { LineDisplay, TerminalDisplay } from '../src/display.js';
import type { View } from '../src/watch.js';

const booting = (name: string): View => ({
  name,
  mode: 'split',
  byHand: false,
  pid: 1,
  state: 'booting',
  bootingFor: 7_300,
  status: undefined,
  blockTime: undefined,
});

const at = (name: string, height: number): View => ({
  name,
  mode: 'in-process',
  byHand: false,
  pid: 1,
  state: 'running',
  bootingFor: 0,
  status: { height, appHash: 'AB'.repeat(32), peers: 3, time: 0 },
  blockTime: 1234,
});

class Text {
  text = '';
  constructor(readonly columns = 40) {}
  write(text: string): void {
    this.text += text;
  }
}

test('without a terminal a line is written for each change, and an unchanged one after 30 s', (t) => {
  const out = new Text();
  let now = 0;
  const display = new LineDisplay(out, () => now);
  display.show([booting('node1'), at('node2', 7)]);
  display.show([booting('node1'), at('node2', 7)]);
  display.show([booting('node1'), at('node2', 8)]);
  now = 31_000;
  display.show([booting('node1'), at('node2', 9)]);
  t.deepEqual(out.text.trim().split('\n'), [
    'node1   split       booting, 7 s',
    'node2   in-process  height 7       app hash ABABABAB  peers 3   block 1.23 s',
    'node2   in-process  height 8       app hash ABABABAB  peers 3   block 1.23 s',
    'node1   split       booting, 7 s',
    'node2   in-process  height 9       app hash ABABABAB  peers 3   block 1.23 s',
  ]);
});

test('a node that does not answer is shown with its last status', (t) => {
  const out = new Text();
  new LineDisplay(out).show([{ ...at('node1', 7), state: 'ended (SIGKILL)' }]);
  t.regex(out.text, /height 7 +app hash ABABABAB {2}ended \(SIGKILL\)\n$/);
});

test('no line is cut on a terminal of 80 columns', (t) => {
  const states = ['running', 'no answer', 'ended (exit code 137)'] as const;
  for (const state of states) {
    // An ended process was started by nobody.
    for (const byHand of state.startsWith('ended') ? [false] : [false, true]) {
      const out = new Text(80);
      const view = { ...at('node64', 123_456), state, byHand, blockTime: 1e6 };
      new TerminalDisplay(out).show([view]);
      t.regex(out.text, byHand ? /by hand\n$/ : /(1000\.00 s|er|7\))\n$/);
    }
  }
});

test('in a terminal the lines are redrawn in place, cut to its width; other lines scroll above', (t) => {
  const out = new Text();
  const display = new TerminalDisplay(out);
  display.show([booting('node1'), at('node2', 7)]);
  t.is(out.text.split('\n')[1]?.length, 39);
  out.text = '';
  display.say('a word');
  t.true(out.text.startsWith('\r\x1b[2A\x1b[Ja word\nnode1 '));
  out.text = '';
  display.show([at('node1', 1), at('node2', 7)]);
  t.true(out.text.startsWith('\r\x1b[2A\x1b[Jnode1   in-process'));
});
