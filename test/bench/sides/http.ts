import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { Pool } from 'undici';

import { expectEcho, type Side } from '../side.js';
import { goListens, pipes, sockets } from './pipes.js';
import { loadOf, timesOf, type Times } from './times.js';

/** HTTP over Unix sockets: undici calls Go, and Go calls Node's own server. */
export async function openHttp(): Promise<Side> {
  const server = createServer((request, response) => {
    void buffer(request).then((body) => response.end(body));
  });
  server.listen(sockets.js);
  await once(server, 'listening');
  goListens();
  const { from, to } = pipes();
  const client = new Pool('http://go', {
    socketPath: sockets.go,
    connections: 64,
  });
  const post = async (path: string, body: string): Promise<string> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await client.request({
      ...{ path, method: 'POST', headers, body },
    });
    return answer.body.text();
  };
  return {
    asyncDowncall: (payload) => async () => {
      expectEcho(await post('/echo', payload), payload);
    },
    upcalls: async (payload, slice) =>
      timesOf(JSON.parse(await post('/time', loadOf(payload, slice))) as Times),
    close: () => {
      void client.destroy();
      server.closeAllConnections();
      server.close();
      from.destroy();
      to.destroy();
    },
  };
}
