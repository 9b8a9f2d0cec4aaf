import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections (Linux: 32768 and
 * up, IANA: 49152 and up), one of which could otherwise take a port between
 * its finding and its use.
 */
const lowest = 20_000;
const beyond = 32_000;
/** So many tries say that ports are not what is short. */
const tries = 1000;

/**
 * Finds free ports on loopback. All are held until all are found, so they
 * differ; another process may still take one before its user does, which only
 * one that picks the same of 12,000 will.
 */
export async function freePorts(count: number): Promise<number[]> {
  const held: Held[] = [];
  try {
    while (held.length < count) {
      held.push(await hold());
    }
    return held.map(({ port }) => port);
  } finally {
    await Promise.all(held.map(({ release }) => release()));
  }
}

interface Held {
  readonly port: number;
  readonly release: () => Promise<void>;
}

async function hold(): Promise<Held> {
  let last: unknown;
  for (let tried = 0; tried < tries; tried++) {
    try {
      return await listen(randomInt(lowest, beyond));
    } catch (error) {
      last = error;
    }
  }
  throw new Error(
    `no free port between ${String(lowest)} and ${String(beyond - 1)}`,
    { cause: last },
  );
}

async function listen(port: number): Promise<Held> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port,
    release: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}
