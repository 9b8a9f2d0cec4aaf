import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * Below the ports that systems assign to outgoing connections (Linux: 32768 and
 * up, IANA: 49152 and up). A connection could otherwise take a port between the
 * search and its use.
 */
const lowest = 20_000;
const beyond = 32_000;
/** After this many attempts the cause is not a lack of free ports. */
const tries = 1000;

/**
 * Ports that this process has handed out, until its end. A UDP socket with the
 * same number, which nothing else here uses, reserves a port whose user has not
 * bound it yet (a kernel boots first) against other processes that search.
 */
const claims: Socket[] = [];

/**
 * Finds free TCP ports on loopback. They are distinct, also from those of other
 * calls in any process that still runs.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await claim());
  return ports;
}

async function claim(): Promise<number> {
  let last: unknown;
  for (let tried = 0; tried < tries; tried++) {
    const port = randomInt(lowest, beyond);
    const socket = createSocket('udp4');
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind({ port, address: '127.0.0.1', exclusive: true }, resolve);
      });
      await tryToListen(port);
      claims.push(socket.unref());
      return port;
    } catch (error) {
      last = error;
      socket.close();
    }
  }
  throw new Error(
    `no free port between ${String(lowest)} and ${String(beyond - 1)}`,
    { cause: last },
  );
}

async function tryToListen(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
