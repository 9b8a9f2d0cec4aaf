import { EventEmitter, once } from 'node:events';

import { ClosedError } from '@agd-bridge/bridge';
import test from 'ava';

import type { StopSignal } from '../src/contract.js';
import { ownSignals, type SignalHooks } from '../src/signals.js';

/** A process with only events, and our listeners on it. */
function owned(ignoreHangup = false) {
  const target = new EventEmitter() as EventEmitter & NodeJS.Process;
  const stops: [StopSignal, boolean][] = [];
  const defects = new EventEmitter();
  const hooks: SignalHooks = {
    onStop: (signal, again) => stops.push([signal, again]),
    onDefect: (what, error) => defects.emit('defect', what, error),
  };
  const kernelShutdown = ownSignals(target, hooks, ignoreHangup);
  return { target, stops, defects, kernelShutdown };
}

test('the first signal requests the stop, and later ones repeat it', (t) => {
  const { target, stops } = owned();
  target.emit('SIGINT');
  target.emit('SIGTERM');
  target.emit('SIGHUP');
  t.deepEqual(stops, [
    ['SIGINT', false],
    ['SIGTERM', true],
    ['SIGHUP', true],
  ]);
});

test('an ignored hangup has a listener and no effect', async (t) => {
  const { target, stops } = owned(true);
  target.on('SIGHUP', () => {
    t.fail('the kernel was reached');
  });
  await Promise.resolve();
  t.true(target.emit('SIGHUP'), 'without a listener it would end the process');
  target.emit('SIGTERM');
  t.deepEqual(stops, [['SIGTERM', false]]);
});

test("the kernel's listeners are removed before an event can reach them", async (t) => {
  const { target, stops, kernelShutdown } = owned();
  const shutdown = () => {
    t.fail('the kernel was reached');
  };
  t.is(kernelShutdown(), undefined);
  for (const event of [
    'SIGINT',
    'SIGTERM',
    'SIGHUP',
    'beforeExit',
    'uncaughtException',
    'unhandledRejection',
  ]) {
    target.on(event, shutdown);
  }
  target.once('SIGTERM', shutdown);
  await Promise.resolve();
  target.emit('SIGTERM');
  target.emit('SIGINT');
  target.emit('beforeExit');
  t.is(stops.length, 2);
  t.is(kernelShutdown(), shutdown);
});

test('other listeners stay', async (t) => {
  const { target } = owned();
  const seen: string[] = [];
  target.on('exit', () => seen.push('exit'));
  await Promise.resolve();
  target.emit('exit');
  t.deepEqual(seen, ['exit']);
});

test('an uncaught exception is a defect', async (t) => {
  const { target, defects } = owned();
  const defect = once(defects, 'defect');
  const error = new Error('x');
  target.emit('uncaughtException', error);
  t.deepEqual(await defect, ['uncaught exception', error]);
});

test('a rejection that stays unhandled is a defect, unless a late handler takes it or the bridge has closed', async (t) => {
  const { target, defects } = owned();
  const defect = once(defects, 'defect');
  const saved = Promise.resolve();
  target.emit('unhandledRejection', new Error('saved'), saved);
  target.emit('rejectionHandled', saved);
  target.emit(
    'unhandledRejection',
    new ClosedError('bridge closed by the peer'),
    Promise.resolve(),
  );
  target.emit('unhandledRejection', 'lost', Promise.resolve());
  t.deepEqual(await defect, ['unhandled rejection', 'lost']);
});
