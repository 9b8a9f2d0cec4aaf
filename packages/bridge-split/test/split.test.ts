import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { ClosedError, LocalError, type Bridge } from '@agd-bridge/bridge';
import { openSplit, type SplitOptions } from '@agd-bridge/bridge-split';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';

interface Context {
  addon?: boolean;
}

const test = anyTest as TestFn<Context>;

/** A test of callSync, with the addon and without. */
function both(
  title: string,
  run: (t: ExecutionContext<Context>) => void | Promise<void>,
): void {
  for (const addon of [true, false]) {
    test(`${title}, ${addon ? 'with' : 'without'} the addon`, async (t) => {
      t.context.addon = addon;
      await run(t);
    });
  }
}

/**
 * The other ends of a bridge's two pipes, in this process. They are FIFOs,
 * because Node cannot create pipes.
 */
class OtherSide {
  readonly #toBridge: number;
  readonly #fromBridge: number;
  readonly bridge: Bridge;

  constructor(
    t: ExecutionContext<Context>,
    options: Partial<SplitOptions> = {},
  ) {
    const dir = mkdtempSync(join(tmpdir(), 'split-'));
    const [down, up] = [join(dir, 'down'), join(dir, 'up')];
    execFileSync('mkfifo', [down, up]);
    // Opening a FIFO for both directions does not block; the one-way opens
    // follow.
    const keep = [down, up].map((path) => openSync(path, constants.O_RDWR));
    const readFd = openSync(down, 'r');
    const writeFd = openSync(up, 'w');
    this.#toBridge = openSync(down, 'w');
    this.#fromBridge = openSync(up, constants.O_RDONLY | constants.O_NONBLOCK);
    keep.forEach(closeSync);
    const { addon = true } = t.context;
    this.bridge = openSplit({ addon, ...options, readFd, writeFd });
    rmSync(dir, { recursive: true });
    t.teardown(() => {
      this.bridge.close();
    });
  }

  /** Writes to the bridge. */
  write(bytes: string | Uint8Array): void {
    const all = Buffer.from(bytes);
    let at = 0;
    while (at < all.length) at += writeSync(this.#toBridge, all, at);
  }

  /** Reads what the bridge has written so far. */
  read(): string {
    const buffer = Buffer.alloc(1 << 20);
    try {
      const length = readSync(this.#fromBridge, buffer);
      return buffer.toString('utf8', 0, length);
    } catch {
      return '';
    }
  }

  stopWriting(): void {
    closeSync(this.#toBridge);
  }

  stopReading(): void {
    closeSync(this.#fromBridge);
  }
}

const peerGone = { kind: 'peer', message: 'bridge closed by the peer' };
const closedByPeer = {
  instanceOf: ClosedError,
  message: 'bridge closed by the peer',
};
const note = (n: number | string) =>
  `{"id":null,"method":"note","params":[${String(n)}]}\n`;

function noting(): {
  log: string[];
  handlers: NonNullable<SplitOptions['handlers']>;
  until: (count: number) => Promise<void>;
} {
  const log: string[] = [];
  let waiting: { count: number; wake: () => void } | undefined;
  return {
    log,
    handlers: {
      note: ([first]) => {
        log.push(first ?? '');
        if (waiting && log.length >= waiting.count) waiting.wake();
        return 'null';
      },
    },
    until: (count) =>
      new Promise((wake) => {
        waiting = { count, wake };
        if (log.length >= count) wake();
      }),
  };
}

test('frames cut at any byte arrive whole', async (t) => {
  const { log, handlers, until } = noting();
  const other = new OtherSide(t, { handlers });
  const bytes = Buffer.from(note('"é𝄞"') + note(2));
  for (const byte of bytes) {
    other.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(2);
  t.deepEqual(log, ['"é𝄞"', '2']);
});

both('callSync writes its request and reads its answer', (t) => {
  const other = new OtherSide(t);
  other.write('{"id":1,"result":{"a":1e400},"error":null}\n');
  t.is(other.bridge.callSync('m', ['1']), '{"a":1e400}');
  t.is(other.read(), '{"id":1,"method":"m","params":[1]}\n');
});

both('callSync knows its answer in any order of the members', (t) => {
  const other = new OtherSide(t);
  other.write('{"error":null, "result":1,"id":1}\n');
  t.is(other.bridge.callSync('m', []), '1');
  other.write('{"id":2,"error":null,"result":2}\n');
  t.is(other.bridge.callSync('m', []), '2');
  other.write('{"error":"no","id":3,"result":null}\n');
  t.throws(() => other.bridge.callSync('m', []), { message: 'no' });
});

both(
  'messages before and after the response to callSync are handled afterwards, in order',
  async (t) => {
    const { log, handlers, until } = noting();
    const other = new OtherSide(t, { handlers });
    other.write(note(1) + '{"id":1,"method":"note","params":[2]}\n');
    other.write(`{"id":1,"result":"x","error":null}\n${note(3)}{"id":null,`);
    t.is(other.bridge.callSync('m', []), '"x"');
    t.deepEqual(log, []);
    other.write('"method":"note","params":[4]}\n');
    await until(4);
    t.deepEqual(log, ['1', '2', '3', '4']);
    await new Promise((resolve) => setImmediate(resolve));
    t.true(other.read().endsWith('{"id":1,"result":null,"error":null}\n'));
  },
);

both(
  'callSync inside a handler continues in the middle of a chunk, and so does the reader afterwards',
  async (t) => {
    const log: string[] = [];
    let done!: () => void;
    const finished = new Promise<void>((resolve) => (done = resolve));
    const other = new OtherSide(t, {
      handlers: {
        ask: ([n]) => {
          log.push(`ask ${n ?? ''}`);
          log.push(other.bridge.callSync('m', []));
          return 'null';
        },
        note: ([n]) => {
          log.push(`note ${n ?? ''}`);
          if (n === '3') done();
          return 'null';
        },
      },
    });
    // One chunk: the response for the first message's handler is behind other
    // frames.
    other.write(
      '{"id":null,"method":"ask","params":[1]}\n' +
        note(1) +
        '{"id":1,"result":"answer","error":null}\n' +
        note(2) +
        note(3),
    );
    await finished;
    t.deepEqual(log, ['ask 1', '"answer"', 'note 1', 'note 2', 'note 3']);
  },
);

test('end of file closes, and fails pending calls', async (t) => {
  const other = new OtherSide(t);
  const call = other.bridge.call('m', []);
  other.stopWriting();
  await t.throwsAsync(call, closedByPeer);
  t.deepEqual(await other.bridge.closed, peerGone);
});

both('end of file during callSync fails it at once', async (t) => {
  const { log, handlers } = noting();
  const other = new OtherSide(t, { handlers });
  other.write(note(1));
  other.stopWriting();
  t.throws(() => other.bridge.callSync('m', []), closedByPeer);
  t.deepEqual(await other.bridge.closed, peerGone);
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(log, ['1']);
});

for (const [what, bytes, message] of [
  [
    'the end of the stream inside a frame',
    '{"id"',
    'from peer: byte 5: expected "\\n", not the end of the stream',
  ],
  ['an empty line', '\n', 'from peer: byte 0: expected "{"'],
  [
    'bytes that are not UTF-8',
    Buffer.from('"é\xff"\n', 'latin1'),
    'from peer: byte 1: expected valid UTF-8',
  ],
  [
    'a frame over the limit',
    'x'.repeat(101),
    'from peer: byte 100: expected a frame of at most 100 bytes (maxFrameBytes)',
  ],
] as const) {
  for (const how of ['on the event loop', 'during callSync']) {
    test(`${what} closes with a protocol error, ${how}`, async (t) => {
      const other = new OtherSide(t, { limits: { maxFrameBytes: 100 } });
      other.write(bytes);
      other.stopWriting();
      if (how === 'during callSync') {
        t.throws(() => other.bridge.callSync('m', []), {
          instanceOf: ClosedError,
          message: `bridge closed: ${message}`,
        });
      }
      t.deepEqual(await other.bridge.closed, { kind: 'protocol', message });
    });
  }
}

test('frames that do not fit in a full pipe are written later, whole and in order', async (t) => {
  const other = new OtherSide(t);
  const sent: string[] = [];
  for (let i = 0; i < 100; i += 1) {
    const text = JSON.stringify(String(i).repeat(i * 100));
    other.bridge.notify('m', [text]);
    sent.push(`{"id":null,"method":"m","params":[${text}]}\n`);
  }
  const all = sent.join('');
  let got = '';
  while (got.length < all.length) {
    got += other.read();
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.is(got, all);
});

test('frames sent before close are still written', async (t) => {
  const other = new OtherSide(t);
  const text = JSON.stringify('x'.repeat(1 << 20));
  other.bridge.notify('m', [text]);
  other.bridge.close();
  const expected = `{"id":null,"method":"m","params":[${text}]}\n`;
  let got = '';
  while (got.length < expected.length) {
    got += other.read();
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.is(got, expected);
});

test('the queue for a peer that never reads is limited', async (t) => {
  const other = new OtherSide(t, { limits: { maxQueuedBytes: 1 << 20 } });
  const text = JSON.stringify('x'.repeat(100_000));
  const full = {
    instanceOf: LocalError,
    message:
      /^to peer: byte \d+: expected at most 1048576 queued bytes \(maxQueuedBytes\)$/,
  };
  t.throws(() => {
    for (;;) other.bridge.notify('m', [text]);
  }, full);
  await t.throwsAsync(other.bridge.call('m', [text]), full);
  t.throws(() => other.bridge.callSync('m', [text]), full);
  other.bridge.notify('small', []);
  other.bridge.close();
});

both(
  'a response written before the peer stopped reading is not lost',
  async (t) => {
    const other = new OtherSide(t);
    const call = other.bridge.call('m', []);
    other.stopReading();
    other.bridge.notify('m', []);
    await delay(20);
    other.write('{"id":1,"result":1,"error":null}\n');
    other.stopWriting();
    t.is(await call, '1');
    t.deepEqual(await other.bridge.closed, peerGone);
  },
);

both('callSync to a peer that stopped reading fails and does not hang', (t) => {
  const other = new OtherSide(t);
  other.stopReading();
  t.throws(() => other.bridge.callSync('m', []), closedByPeer);
});

both(
  'callSync of a large message to a peer that writes a large one before it reads',
  async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'split-'));
    t.teardown(() => {
      rmSync(dir, { recursive: true });
    });
    const [down, up, file] = ['down', 'up', 'file'].map((n) => join(dir, n));
    const large = JSON.stringify('x'.repeat(1 << 20));
    const request = `{"id":1,"method":"m","params":[${large}]}\n`;
    writeFileSync(file ?? '', note(large));
    execFileSync('mkfifo', [down ?? '', up ?? '']);
    const script =
      'exec 3>"$1" 4<"$2"; cat "$3" >&3; head -c "$4" <&4 | wc -c >"$3"; echo "$5" >&3';
    const answer = '{"id":1,"result":"done","error":null}';
    const args = ['sh', down, up, file, String(request.length), answer];
    const child = spawn('sh', ['-c', script, ...(args as string[])]);
    const ended = once(child, 'exit');
    const { log, handlers, until } = noting();
    const readFd = openSync(down ?? '', 'r'); // waits for the child
    const writeFd = openSync(up ?? '', 'w');
    const bridge = openSplit({ readFd, writeFd, handlers });
    t.is(bridge.callSync('m', [large]), '"done"');
    await until(1);
    t.is(log[0], large);
    bridge.close();
    t.deepEqual(await ended, [0, null]);
    t.is(Number(readFileSync(file ?? '', 'utf8')), request.length);
  },
);

test('a descriptor that is not a pipe is refused', (t) => {
  const fd = openSync('/dev/null', 'r');
  t.throws(() => openSplit({ readFd: 9999, writeFd: fd }), {
    instanceOf: LocalError,
    message: /^cannot open the pipes of descriptors 9999 and \d+: ENOENT/,
  });
  closeSync(fd);
});

test('a descriptor that is not open is no shared memory', (t) => {
  const [readFd, writeFd] = [
    openSync('/dev/null', 'r'),
    openSync('/dev/null', 'w'),
  ];
  for (const addon of [true, false]) {
    t.throws(() => openSplit({ readFd, writeFd, sharedFd: 9999, addon }), {
      instanceOf: LocalError,
      message: /^cannot open the shared memory of descriptor 9999: EBADF/,
    });
  }
  closeSync(readFd);
  closeSync(writeFd);
});

test.serial('closing releases every descriptor', async (t) => {
  const count = () => readdirSync('/proc/self/fd').length;
  const before = count();
  const other = new OtherSide(t);
  t.is(count(), before + 5);
  other.stopReading();
  other.stopWriting();
  await other.bridge.closed;
  while (count() !== before) await delay(1);
  t.pass();
});
