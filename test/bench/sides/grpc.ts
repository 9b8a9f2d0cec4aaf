import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import {
  Server,
  ServerCredentials,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
  type ServiceError,
  type sendUnaryData,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

import { expectEcho, type Side } from '../side.js';
import { goListens, pipes, sockets } from './pipes.js';
import { loadOf, timesOf, type Times } from './times.js';

interface Text {
  readonly value: string;
}

type Unary = (
  request: Text,
  done: (error: ServiceError | null, answer?: Text) => void,
) => void;

const proto = new URL('../peers/benchpeer/echo.proto', import.meta.url);

/** gRPC over Unix sockets: grpc-js and grpc-go, each a client and a server. */
export async function openGrpc(): Promise<Side> {
  const { bench } = loadPackageDefinition(loadSync(fileURLToPath(proto)));
  const { Echo } = bench as unknown as { Echo: ServiceClientConstructor };
  const server = new Server();
  server.addService(Echo.service, {
    Echo: (
      { request }: ServerUnaryCall<Text, Text>,
      done: sendUnaryData<Text>,
    ) => {
      done(null, request);
    },
  });
  const bind = promisify(server.bindAsync.bind(server));
  await bind(`unix:${sockets.js}`, ServerCredentials.createInsecure());
  goListens();
  const { from, to } = pipes();
  const client = new Echo(`unix:${sockets.go}`, credentials.createInsecure());
  const call = async (method: 'Echo' | 'Time', value: string) => {
    const unary = (client[method] as Unary).bind(client);
    const answer = await promisify(unary)({ value });
    return answer?.value ?? '';
  };
  return {
    asyncDowncall: (payload) => async () => {
      expectEcho(await call('Echo', payload), payload);
    },
    upcalls: async (payload, slice) =>
      timesOf(JSON.parse(await call('Time', loadOf(payload, slice))) as Times),
    close: () => {
      client.close();
      server.forceShutdown();
      from.destroy();
      to.destroy();
    },
  };
}
