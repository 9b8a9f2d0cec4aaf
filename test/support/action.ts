import { setTimeout } from 'node:timers/promises';

import { blockTime } from './homes.js';
import { address, type AgdNode } from './node.js';
import { workers } from './process.js';
import { calls, readTrace } from './trace.js';

/** A block action that runs until {@link LongAction.release}. */
export interface LongAction {
  /** The block's height. */
  readonly height: number;
  /** The transaction that gave the vat its work. */
  readonly txhash: string;
  /** The worker that is stopped in the middle of it. */
  readonly worker: number;
  /** Lets the action end. */
  readonly release: () => void;
}

/**
 * Stops the vat's worker and gives the vat work: `alice` sends `amount` to
 * `bob`. Resolves once the block's END_BLOCK waits for the worker.
 *
 * @param trace the file of the node's --bridge-trace
 */
export async function longAction(
  node: AgdNode,
  trace: string,
  amount: string,
): Promise<LongAction> {
  const { vm } = await node.pids();
  const bob = await address(node.options.home, 'bob');
  const worker = workers(vm).find((row) => row.command.includes('bootstrap'));
  if (!worker) throw new Error('the vat has no worker process');
  process.kill(worker.pid, 'SIGSTOP');
  const send = ['bank', 'send', 'alice', bob, amount, '--yes'];
  const { txhash } = JSON.parse(
    await node.agd('tx', ...send, '--output', 'json'),
  ) as { txhash: string };
  return {
    height: await pendingEndBlock(trace),
    txhash,
    worker: worker.pid,
    release: () => {
      process.kill(worker.pid, 'SIGCONT');
    },
  };
}

/**
 * Resolves with the height of the block whose END_BLOCK has given work to the
 * vat and has no response yet.
 */
export async function pendingEndBlock(trace: string): Promise<number> {
  for (;;) {
    const frames = await readTrace(trace);
    const last = frames.findLast(
      ({ frame }) => frame.method === 'swingset.EndBlock',
    );
    const answered = frames.some(
      ({ from, frame }) =>
        from === 'agvm' &&
        frame.method === undefined &&
        frame.id === last?.frame.id,
    );
    // The kernel takes the action from the queue when it starts on it.
    const started =
      last !== undefined &&
      calls(frames.slice(frames.indexOf(last))).some(
        ({ method, params }) =>
          method === 'vstorage.Get' &&
          /^actionQueue\.\d+$/.test(String(params[0])),
      );
    if (!answered && started) {
      return (last.frame.params?.[0] as { blockHeight: number }).blockHeight;
    }
    await setTimeout(blockTime / 4);
  }
}
