import { expectEcho, type Side } from '../side.js';
import { answerHandshake } from './handshake.js';
import { pipes } from './pipes.js';
import { loadOf, timesOf, type Times } from './times.js';

interface Message {
  readonly id: number | null;
  readonly method?: string;
  readonly params?: readonly unknown[];
  readonly result?: unknown;
}

/**
 * JSON lines over Node's streams, written by hand, as in a program without an
 * RPC library.
 */
export async function openJsonLines(): Promise<Side> {
  const { from, to } = pipes();
  const pending = new Map<number, (result: unknown) => void>();
  let id = 0;
  let told: ((times: Times) => void) | undefined;
  let greeted: (() => void) | undefined;
  const greeting = new Promise<void>((resolve) => (greeted = resolve));

  const take = (line: string): void => {
    const message = JSON.parse(line) as Message;
    if (message.method === 'bridge.Handshake') {
      to.write(answerHandshake(line));
      greeted?.();
    } else if (message.method === 'test.Times') {
      told?.(message.params?.[0] as Times);
    } else if (message.method !== undefined) {
      const result = message.params?.[0];
      to.write(`${JSON.stringify({ id: message.id, result, error: null })}\n`);
    } else if (message.id !== null) {
      const settle = pending.get(message.id);
      pending.delete(message.id);
      settle?.(message.result);
    }
  };

  let rest = '';
  from.setEncoding('utf8');
  from.on('data', (chunk: string) => {
    const lines = chunk.split('\n');
    lines[0] = rest + (lines[0] ?? '');
    rest = lines.pop() ?? '';
    lines.forEach(take);
  });

  const request = async (method: string, param: unknown): Promise<unknown> => {
    id += 1;
    to.write(`${JSON.stringify({ id, method, params: [param] })}\n`);
    return new Promise((resolve) => pending.set(id, resolve));
  };

  await greeting;
  return {
    asyncDowncall: (payload) => {
      const value: unknown = JSON.parse(payload);
      return async () => {
        const result = await request('test.Echo', value);
        expectEcho(JSON.stringify(result), payload);
      };
    },
    upcalls: async (payload, slice) => {
      const times = new Promise<Times>((resolve) => (told = resolve));
      await request('test.Time', JSON.parse(loadOf(payload, slice, 'js.Echo')));
      return timesOf(await times);
    },
    close: () => {
      from.destroy();
      to.destroy();
    },
  };
}
