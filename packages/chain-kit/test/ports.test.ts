import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

import { freePorts } from '@agd-bridge/chain-kit';
import test from 'ava';

test('a found port is free and reserved against other searches', async (t) => {
  const ports = [...(await freePorts(20)), ...(await freePorts(20))];
  t.is(new Set(ports).size, 40);
  for (const port of ports) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    server.close();
    const other = createSocket('udp4');
    const refused = await new Promise<unknown>((resolve) => {
      other.once('error', resolve);
      other.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
        resolve(undefined);
      });
    });
    t.is((refused as NodeJS.ErrnoException | undefined)?.code, 'EADDRINUSE');
    other.close();
  }
});
