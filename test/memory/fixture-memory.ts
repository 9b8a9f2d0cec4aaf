/**
 * The Node side of the memory test, in a process of its own:
 * `node --expose-gc --import=tsx fixture-memory.ts <backend> <calls>`. Each
 * side sends so many calls and notifications. Prints what both sides hold, as
 * JSON: a warm-up's end first, then after every tenth of the calls.
 */
import { readFileSync } from 'node:fs';

import { RemoteError, acceptHandshake } from '@agd-bridge/bridge';

import { backendNamed } from '../conformance/backends.js';
import type { Outgoing } from '../conformance/js-side.js';
import type { Sample } from './sample.js';

const backend = backendNamed(process.argv[2]);
const calls = Number(process.argv[3]);
/** In split mode Go has started us. */
const goPid = backend.name === 'split' ? process.ppid : process.pid;
const SAMPLES = 10;
/** How many messages each side sends in a round; see {@link round}. */
const A_ROUND = 20;
const WARM_UP = 600; // rounds: bridgetest's trace keeps the first 10,000 frames

let upcalls = 0;
let notes = 0;
let outcomes = 0;
let allOutcomes: (() => void) | undefined;

const config = { limits: {} };
const bridge = await backend.open(
  {
    handlers: {
      'js.Echo': ([value]) => {
        upcalls += 1;
        return value ?? 'null';
      },
      'js.Fail': () => {
        upcalls += 1;
        throw new Error('as asked');
      },
      'js.Note': () => {
        notes += 1;
        return 'null';
      },
      'test.Outcome': () => {
        outcomes += 1;
        if (outcomes % 8 === 0) allOutcomes?.();
        return 'null';
      },
    },
  },
  config,
  process.env,
);
await acceptHandshake(bridge, 'memory');

/** Values around the sizes where the carriers change their ways: a stack buffer, a pipe's capacity, the scratch space. */
const values = [0, 10, 100, 1000, 1360, 4090, 16_000].map((length, index) =>
  JSON.stringify((index % 2 === 0 ? 'x' : 'é').repeat(length)),
);
const [large, larger] = [100_000, 1_000_000].map((length) =>
  JSON.stringify('x€'.repeat(length / 4)),
);

function valueOf(number: number): string {
  if (number % 20_011 === 0) return larger ?? '';
  if (number % 1009 === 0) return large ?? '';
  return values[number % values.length] ?? '';
}

function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(`wrong: ${what}`);
}

function failsSync(text: string): void {
  try {
    bridge.callSync('test.Fail', [text]);
  } catch (error) {
    expect(error instanceof RemoteError, 'kind of a failed callSync');
    return;
  }
  expect(false, 'callSync should have failed');
}

/** 20 messages from JavaScript: 10 callSync, 6 call, 4 notify; 20 from Go: 12 calls, 8 notifications, not counting the outcomes. */
async function round(number: number, value: string): Promise<void> {
  for (let i = 0; i < 8; i += 1) {
    expect(bridge.callSync('test.Echo', [value]) === value, 'callSync');
  }
  failsSync(value);
  for (let i = 0; i < 4; i += 1) bridge.notify('test.Null', [value]);
  const upcall = (method: string) =>
    bridge.call('test.Upcall', [JSON.stringify({ method, params: [value] })]);
  const [echo, failed, ...answers] = await Promise.all([
    bridge.call('test.Echo', [value]),
    bridge.call('test.Fail', ['"as asked"']).catch((error: unknown) => error),
    upcall('js.Echo'),
    upcall('js.Echo'),
    upcall('js.Echo'),
    upcall('js.Fail'),
  ]);
  expect(echo === value, 'call');
  expect(failed instanceof RemoteError, 'failed call');
  expect(answers[0] === `{"result":${value}}`, 'upcall');
  expect(answers[3].includes('as asked'), 'failed upcall');
  const ended = new Promise<void>((resolve) => (allOutcomes = resolve));
  const messages: Outgoing[] = [
    { method: 'js.Echo', params: [String(number)], times: 6 },
    { method: 'js.Note', params: [value], notify: true, times: 8 },
    { method: 'js.Fail', params: [String(number)], times: 2 },
  ];
  bridge.callSync('test.Start', [JSON.stringify(messages)]);
  await ended;
}

async function rounds(from: number, to: number, warm: boolean) {
  for (let number = from; number < to; number += 1) {
    await round(number, warm ? valueOf(number) : '""');
  }
}

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** What both sides hold, without garbage. */
async function sample(): Promise<Sample> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('needs --expose-gc');
  const go = JSON.parse(await bridge.call('test.Memory', [])) as {
    heapBytes: number;
    goroutines: number;
  };
  // Twice, with a turn between them: the first runs finalizers.
  gc();
  await new Promise((resolve) => setImmediate(resolve));
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return {
    jsHeap: heapUsed + external,
    goHeap: go.heapBytes,
    goroutines: go.goroutines,
    jsResident: residentBytes(process.pid),
    goResident: residentBytes(goPid),
  };
}

const total = Math.ceil(calls / A_ROUND / SAMPLES) * SAMPLES;
await rounds(0, WARM_UP, false);
// So large are buffers that both sides keep: they grow to it here, and not when a burst happens to need it.
const largest = JSON.stringify('x'.repeat(3 * 2 ** 20));
expect(bridge.callSync('test.Echo', [largest]) === largest, 'largest');
await rounds(0, total / SAMPLES, true);
[upcalls, notes] = [0, 0];
const samples = [await sample()];
for (let part = 0; part < SAMPLES; part += 1) {
  await rounds((part * total) / SAMPLES, ((part + 1) * total) / SAMPLES, true);
  samples.push(await sample());
}
bridge.close();
await bridge.closed;
console.log(JSON.stringify({ upcalls, notes, samples }));
