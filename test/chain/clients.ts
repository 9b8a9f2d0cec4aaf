import { Client as GrpcClient, Metadata, credentials } from '@grpc/grpc-js';

import type { AgdNode } from '../support/node.js';
import { patience } from '../support/process.js';

/** Requests a URL. @throws Error with its status and text unless that is 2xx */
export async function get(
  url: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const signal = AbortSignal.timeout(patience);
  const response = await fetch(url, { signal, headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`${String(response.status)}: ${text}`);
  return text;
}

/** A page of children, as every client returns it. */
export interface Page {
  readonly children: readonly string[];
  readonly pagination?: { readonly next_key?: string | null };
}

/** One way to query a node. */
export interface Client {
  readonly data: (path: string, height?: number) => Promise<string>;
  readonly children: (path: string, key?: string) => Promise<Page>;
}

export const pageSize = 2;

/** `agd query`; `to` are the flags that select the node's server. */
export function commandLine(node: AgdNode, ...to: string[]): Client {
  const query = async <T>(...args: string[]): Promise<T> =>
    JSON.parse(
      await node.agd('query', 'vstorage', ...args, ...to, '--output', 'json'),
    ) as T;
  return {
    data: async (path, height) => {
      const at = height === undefined ? [] : ['--height', String(height)];
      const answer = await query<{ value?: string }>('data', path, ...at);
      return answer.value ?? '';
    },
    children: async (path, key) =>
      query(
        'children',
        path,
        '--page-limit',
        String(pageSize),
        ...(key === undefined ? [] : ['--page-key', key]),
      ),
  };
}

/**
 * gRPC. Pages come from the command line. Data come from a client of our own,
 * because the SDK's command line sends a height only over RPC.
 */
export function overGrpc(node: AgdNode): Client {
  const address = `127.0.0.1:${String(node.options.ports.grpc)}`;
  const { children } = commandLine(
    node,
    ...['--grpc-addr', address, '--grpc-insecure'],
  );
  return {
    children,
    data: async (path, height) => {
      const client = new GrpcClient(address, credentials.createInsecure());
      const metadata = new Metadata();
      if (height !== undefined) {
        metadata.set('x-cosmos-block-height', String(height));
      }
      try {
        return await new Promise<string>((resolve, reject) => {
          client.makeUnaryRequest(
            '/agoric.vstorage.Query/Data',
            shortString,
            (answer) => answer.subarray(2).toString(),
            path,
            metadata,
            (error, value) => {
              if (error) reject(error);
              else resolve(value ?? '');
            },
          );
        });
      } finally {
        client.close();
      }
    },
  };
}

/** A protobuf message whose only field is a text shorter than 128 bytes. */
const shortString = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0x0a, text.length]), Buffer.from(text)]);

/** @param rest the URL of the API server */
export const overRest = (rest: string): Client => ({
  data: async (path, height) => {
    const headers: Record<string, string> =
      height === undefined ? {} : { 'x-cosmos-block-height': String(height) };
    const text = await get(`${rest}/agoric/vstorage/data/${path}`, headers);
    return (JSON.parse(text) as { value: string }).value;
  },
  children: async (path, key) => {
    const page = new URLSearchParams({ 'pagination.limit': String(pageSize) });
    if (key !== undefined) page.set('pagination.key', key);
    const text = await get(
      `${rest}/agoric/vstorage/children/${path}?${page.toString()}`,
    );
    return JSON.parse(text) as Page;
  },
});

/** Sends a transaction that fails in its block; returns the block's height. */
export async function failed(
  node: AgdNode,
  ...args: string[]
): Promise<number> {
  const sent = JSON.parse(
    await node.agd('tx', ...args, '--yes', '--output', 'json'),
  ) as { txhash: string };
  const done = JSON.parse(await node.waitTx(sent.txhash)) as {
    height: string;
    code: number;
  };
  if (done.code === 0) throw new Error('it succeeded');
  return Number(done.height);
}
