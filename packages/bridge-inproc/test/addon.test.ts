// The addon alone, over a library in C: no Go, no protocol engine.
import { EventEmitter, once } from 'node:events';

import test from 'ava';

import { loadAddon, type Fault, type Handle } from '../src/addon.js';
import { compileLibrary } from './libraries.js';

const addon = loadAddon();
const ignore = () => undefined;
const callbacks = { onFrame: ignore, onClosed: ignore, onExit: ignore };
const limits = { maxFrameBytes: 1e8, maxQueuedBytes: 1e6 };

const library = compileLibrary('good');
test.after.always(() => {
  library.remove();
});

type Event =
  ['frame', string] | ['closed', Fault | '', number] | ['exit', number, string];

/** One bridge to the C library; its callbacks are recorded in `events`. */
function open(own: Partial<typeof limits> = {}) {
  const events: Event[] = [];
  const emitter = new EventEmitter();
  const tell = (event: Event) => {
    events.push(event);
    emitter.emit('event');
  };
  const handle = addon.open(
    library.path,
    'null',
    {
      onFrame: (frame) => {
        tell(['frame', frame]);
      },
      onClosed: (fault, byte) => {
        tell(['closed', fault, byte]);
      },
      onExit: (exitCode, message) => {
        tell(['exit', exitCode, message]);
      },
    },
    { ...limits, ...own },
  );
  /** Resolves with the events once there are `count` of them. */
  const eventsUpTo = async (count: number) => {
    while (events.length < count) await once(emitter, 'event');
    return events;
  };
  return { handle, events, eventsUpTo };
}

test("a library's refusal to open is thrown, NUL and all", (t) => {
  t.throws(() => addon.open(library.path, '"refuse"', callbacks, limits), {
    message: 'refused: a\0b',
  });
});

test('arguments of a wrong type are refused', (t) => {
  const wrong = (...args: unknown[]) =>
    (addon.open as (...args: unknown[]) => Handle)(...args);
  const message = 'open(libraryPath, config, callbacks, limits)';
  t.throws(() => wrong(), { instanceOf: TypeError, message });
  t.throws(() => wrong(library.path, 'null', callbacks), { message });
  t.throws(() => wrong(library.path, 'null', {}, limits), {
    message: 'onFrame must be a function',
  });
  for (const maxQueuedBytes of [-1, NaN, Infinity, '1', undefined]) {
    t.throws(
      () =>
        wrong(library.path, 'null', callbacks, { ...limits, maxQueuedBytes }),
      {
        instanceOf: RangeError,
        message: 'maxQueuedBytes must be a size in bytes',
      },
    );
  }
  const { handle } = open();
  t.teardown(() => {
    handle.close();
  });
  for (const frame of [1, new Uint16Array(1), new ArrayBuffer(1)]) {
    t.throws(() => handle.callSync(frame as unknown as string), {
      message: 'frame must be a string',
    });
  }
});

test('frames of every length cross whole, NUL and all planes of Unicode included', (t) => {
  const { handle } = open();
  t.teardown(() => {
    handle.close();
  });
  const frames = ['', '\0', 'a\0b', 'é€😀', '\u{10ffff}'];
  // Around the size of the buffer on the stack, with a last character that does
  // not fit.
  for (let length = 32_750; length <= 32_770; length += 1) {
    frames.push('a'.repeat(length), 'a'.repeat(length) + '😀');
  }
  frames.push('é'.repeat(4 * 1024 * 1024));
  for (const frame of frames) {
    const what = `length ${String(frame.length)}`;
    t.true(handle.callSync(frame) === frame, what);
    t.true(handle.callSync(Buffer.from(frame)) === frame, `${what}, bytes`);
  }
});

test('a lone surrogate becomes a replacement character', (t) => {
  const { handle } = open();
  t.teardown(() => {
    handle.close();
  });
  t.is(handle.callSync('"\ud800"'), '"\ufffd"');
});

test('every buffer that the library hands out is released', async (t) => {
  const { handle, eventsUpTo } = open();
  t.teardown(() => {
    handle.close();
  });
  t.throws(() => addon.open(library.path, '"refuse"', callbacks, limits));
  for (let i = 0; i < 100; i += 1) handle.callSync('x');
  handle.send('?');
  t.deepEqual((await eventsUpTo(3)).at(-1), ['frame', '0']);
});

test('frames, the close and the exit come in order', async (t) => {
  const { handle, events, eventsUpTo } = open();
  handle.send('1');
  handle.send('2');
  t.deepEqual(events, [], 'nothing is delivered inside a call');
  await eventsUpTo(6);
  handle.close();
  t.deepEqual(await eventsUpTo(8), [
    ...['1', '1', '0', '2', '2', '0'].map((frame): Event => ['frame', frame]),
    ['closed', '', 0],
    ['exit', 7, 'a\0b'],
  ]);
});

test('no frame is delivered after close, and nothing can be sent', async (t) => {
  const { handle, eventsUpTo } = open();
  handle.send('1');
  handle.close();
  handle.close();
  t.false(handle.send('2'));
  t.is(handle.callSync('3'), undefined);
  t.deepEqual(await eventsUpTo(2), [
    ['closed', '', 0],
    ['exit', 7, 'a\0b'],
  ]);
});

test('close in the middle of a batch stops it', async (t) => {
  const frames: string[] = [];
  await new Promise<void>((resolve) => {
    const handle = addon.open(
      library.path,
      'null',
      {
        ...callbacks,
        onFrame(frame) {
          frames.push(frame);
          handle.close();
        },
        onExit: () => {
          resolve();
        },
      },
      limits,
    );
    handle.send('1');
  });
  t.deepEqual(frames, ['1']);
});

test('a full queue refuses frames and delivers those it holds', async (t) => {
  const { handle, eventsUpTo } = open({ maxQueuedBytes: 9 });
  handle.send('1234'); // twice, and a digit
  handle.send('5');
  await eventsUpTo(3);
  handle.close();
  t.deepEqual(await eventsUpTo(5), [
    ['frame', '1234'],
    ['frame', '1234'],
    ['frame', '0'],
    ['closed', '', 0],
    ['exit', 7, 'a\0b'],
  ]);
});

test('deliver needs no event loop, and may be called in a callback', (t) => {
  const frames: string[] = [];
  let depth = 0;
  const handle: Handle = addon.open(
    library.path,
    'null',
    {
      ...callbacks,
      onFrame(frame) {
        frames.push(`${String(depth)} ${frame}`);
        depth += 1;
        handle.deliver();
        depth -= 1;
      },
    },
    limits,
  );
  t.teardown(() => {
    handle.close();
  });
  handle.deliver();
  handle.send('a');
  handle.deliver();
  t.deepEqual(frames, ['0 a', '1 a', '2 0']);
});
