import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { connections, type Connection } from '../../support/connections.js';
import { freshHome } from '../../support/homes.js';
import { startWithVm } from '../../support/kernelless.js';
import { nodePorts } from '../../support/node.js';
import type { Process } from '../../support/process.js';
import type { Seen } from '../../support/store-work.js';
import type { Runner } from '../candidates.js';
import type { Slice } from '../side.js';
import type { Answer, Order } from './fixture-vm.js';
import type { StoreKind } from './stores.js';

const vm = fileURLToPath(new URL('fixture-vm.ts', import.meta.url));

/** A block is made as soon as it is ordered. */
const settings = [
  ['config', 'consensus.timeout_commit', '0s'],
  ['config', 'rpc.pprof_laddr', ''],
] as const;

/**
 * A single validator whose VM works on a store and makes a block for each
 * order. The caller must call {@link end}.
 */
export class StoreNode implements Runner {
  readonly #directory: string;
  readonly #node: Process;
  readonly #socket: Socket;
  readonly #answers: AsyncIterator<string>;
  /** The operations of all blocks. */
  #history = '';

  private constructor(directory: string, node: Process, socket: Socket) {
    this.#directory = directory;
    this.#node = node;
    this.#socket = socket;
    const lines = createInterface({ input: socket });
    this.#answers = lines[Symbol.asyncIterator]();
  }

  /** Resolves when the VM waits for orders. */
  static async start(
    connection: Connection,
    kind: StoreKind,
  ): Promise<StoreNode> {
    const directory = await mkdtemp(join(tmpdir(), 'bench-store-'));
    const path = join(directory, 'orders');
    const server = createServer().listen(path);
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const node = startWithVm(vm, {
      home: await freshHome(directory, { settings }),
      ports: await nodePorts(),
      ...connections[connection],
      env: { STORE_SOCKET: path, STORE_KIND: kind },
    });
    const ended = node.exited.then((): never => {
      throw new Error(`agd ended: ${lastWords(node)}`);
    });
    try {
      const [socket] = await Promise.race([connected, ended]);
      return new StoreNode(directory, node, socket);
    } catch (error) {
      await node.kill();
      await rm(directory, { recursive: true, force: true });
      throw error;
    } finally {
      server.close();
      ended.catch(() => undefined);
    }
  }

  /** Makes the chain's next block; resolves with its duration. */
  async run({ op, operations = 0 }: Slice): Promise<readonly number[]> {
    const order: Order = { op, operations };
    this.#socket.write(`${JSON.stringify(order)}\n`);
    const line = await this.#answers.next();
    if (line.done) throw new Error(`agd ended: ${lastWords(this.#node)}`);
    const { nanoseconds, seen } = JSON.parse(line.value) as Answer;
    this.#history += ` ${op} ${String(operations)}`;
    agree(this.#history, seen);
    return [nanoseconds];
  }

  async end(): Promise<void> {
    await this.#node.kill();
    this.#socket.destroy();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** What nodes with the same history have read in their last block. */
const seenAfter = new Map<string, Seen>();

/** @throws Error another store had other entries after the same blocks */
function agree(history: string, seen: Seen): void {
  const other = seenAfter.get(history) ?? seen;
  seenAfter.set(history, other);
  if (other.characters !== seen.characters || other.found !== seen.found) {
    throw new Error('two stores differ after the same operations');
  }
}

function lastWords(node: Process): string {
  return node.stderr.slice(-5).join('\n');
}
