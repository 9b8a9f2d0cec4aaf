import {
  ParameterStructures,
  StreamMessageReader,
  StreamMessageWriter,
  createMessageConnection,
} from 'vscode-jsonrpc/node';

import { expectEcho, type Side } from '../side.js';
import { pipes } from './pipes.js';
import { loadOf, timesOf, type Times } from './times.js';

const { byPosition } = ParameterStructures;

/** vscode-jsonrpc over the pipes, as language servers use it. */
export function openVscode(): Side {
  const { from, to } = pipes();
  const connection = createMessageConnection(
    new StreamMessageReader(from),
    new StreamMessageWriter(to),
  );
  connection.onRequest('echo', (value: unknown) => value);
  connection.listen();
  return {
    asyncDowncall: (payload) => {
      const value: unknown = JSON.parse(payload);
      return async () => {
        const result: unknown = await connection.sendRequest(
          'echo',
          byPosition,
          value,
        );
        expectEcho(JSON.stringify(result), payload);
      };
    },
    upcalls: async (payload, slice) => {
      const load: unknown = JSON.parse(loadOf(payload, slice));
      return timesOf(
        await connection.sendRequest<Times>('time', byPosition, load),
      );
    },
    close: () => {
      connection.dispose();
      from.destroy();
      to.destroy();
    },
  };
}
