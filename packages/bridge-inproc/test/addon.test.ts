// The addon by itself, over a library in C: no Go, no protocol engine.
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { loadAddon, type Handle } from '../src/addon.js';
import { compileLibrary } from './libraries.js';

const addon = loadAddon();
const ignore = () => undefined;
const callbacks = { onFrame: ignore, onClosed: ignore, onExit: ignore };

const library = compileLibrary('good');
test.after.always(() => {
  library.remove();
});

type Event = ['frame', string] | ['closed', number] | ['exit', number, string];

/** One bridge to the C library, with its callbacks told in `events`. */
function open(maxQueuedBytes = 1e6) {
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
      onClosed: (refused) => {
        tell(['closed', refused]);
      },
      onExit: (exitCode, message) => {
        tell(['exit', exitCode, message]);
      },
    },
    maxQueuedBytes,
  );
  /** Settles with the events once there are so many. */
  const eventsUpTo = async (count: number) => {
    while (events.length < count) await once(emitter, 'event');
    return events;
  };
  return { handle, events, eventsUpTo };
}

test('a library that is not there is named, with what to do', (t) => {
  t.throws(() => addon.open('/no/such.so', '', callbacks, 1), {
    message:
      'cannot load the Go library /no/such.so: No such file or directory; build it (make build) or correct the path',
  });
});

test('a file that is not a library is named', (t) => {
  const file = fileURLToPath(import.meta.url);
  t.throws(() => addon.open(file, '', callbacks, 1), {
    message: `cannot load the Go library ${file}: ${file}: invalid ELF header; build it for this machine (make build)`,
  });
});

test('a library that lacks one of the functions is named', (t) => {
  const bad = compileLibrary('without-free', '-DWITHOUT_FREE');
  t.teardown(bad.remove);
  t.throws(() => addon.open(bad.path, '', callbacks, 1), {
    message: `${bad.path} is not a library for this addon: it does not export agdbridge_free; build it with -buildmode=c-shared from a main package that imports go/bridge/inproc`,
  });
});

test('a library of another version of the C interface is refused', (t) => {
  const bad = compileLibrary('version', '-DABI_VERSION=999');
  t.teardown(bad.remove);
  t.throws(() => addon.open(bad.path, '', callbacks, 1), {
    message: `${bad.path} has version 999 of the C interface, this addon has version 1; install both from the same release`,
  });
});

test('a second library is refused', (t) => {
  const { handle } = open();
  t.teardown(() => {
    handle.close();
  });
  const second = compileLibrary('second');
  t.teardown(second.remove);
  t.throws(() => addon.open(second.path, '', callbacks, 1), {
    message: `cannot load the Go library ${second.path}: this process has loaded ${library.path}, and cannot hold two; use another process`,
  });
});

test("a library's refusal to open is thrown, NUL and all", (t) => {
  t.throws(() => addon.open(library.path, '"refuse"', callbacks, 1), {
    message: 'refused: a\0b',
  });
});

test('arguments of a wrong type are refused', (t) => {
  const wrong = (...args: unknown[]) =>
    (addon.open as (...args: unknown[]) => Handle)(...args);
  const message = 'open(libraryPath, config, callbacks, maxQueuedBytes)';
  t.throws(() => wrong(), { instanceOf: TypeError, message });
  t.throws(() => wrong(library.path, 'null', callbacks), { message });
  t.throws(() => wrong(library.path, 'null', {}, 1), {
    message: 'onFrame must be a function',
  });
  t.throws(() => wrong(library.path, 'null', callbacks, -1), {
    instanceOf: RangeError,
  });
  const { handle } = open();
  t.teardown(() => {
    handle.close();
  });
  t.throws(() => handle.callSync(1 as unknown as string), {
    message: 'frame must be a string',
  });
});

test('frames of every length cross whole, NUL and all planes of Unicode included', (t) => {
  const { handle } = open();
  t.teardown(() => {
    handle.close();
  });
  const frames = ['', '\0', 'a\0b', 'é€😀', '\u{10ffff}'];
  // Around the size of the buffer on the stack, with a last character that
  // does not fit.
  for (let length = 4080; length <= 4100; length += 1) {
    frames.push('a'.repeat(length), 'a'.repeat(length) + '😀');
  }
  frames.push('é'.repeat(4 * 1024 * 1024));
  for (const frame of frames) {
    t.true(handle.callSync(frame) === frame, `length ${String(frame.length)}`);
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
  t.throws(() => addon.open(library.path, '"refuse"', callbacks, 1));
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
    ['closed', 0],
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
    ['closed', 0],
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
      1e6,
    );
    handle.send('1');
  });
  t.deepEqual(frames, ['1']);
});

test('a full queue refuses frames, delivers those it has, and is told', async (t) => {
  const { handle, eventsUpTo } = open(9);
  handle.send('1234'); // twice, and a digit
  handle.send('5');
  await eventsUpTo(3);
  handle.close();
  t.deepEqual(await eventsUpTo(5), [
    ['frame', '1234'],
    ['frame', '1234'],
    ['frame', '0'],
    ['closed', 10],
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
    1e6,
  );
  t.teardown(() => {
    handle.close();
  });
  handle.deliver();
  handle.send('a');
  handle.deliver();
  t.deepEqual(frames, ['0 a', '1 a', '2 0']);
});
