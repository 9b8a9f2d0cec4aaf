import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { Process } from './process.js';

const run = promisify(execFile);

/** The inspector's address in Node's output: `ws://HOST:PORT/ID`. */
export async function inspectorUrl(process: Process): Promise<string> {
  return process.line(
    (line) => /Debugger listening on (ws:\/\/[^\s"]+)/.exec(line)?.[1],
  );
}

/**
 * A debugger of Node.js: calls each method once the previous one was answered
 * and its event, if it names one, has arrived. Prints the answers. Runs in its
 * own process.
 */
const client = `
const [url, text] = process.argv.slice(1);
const socket = new WebSocket(url);
const answers = [];
const steps = JSON.parse(text);
let waitsFor = new Set();
const next = () => {
  const step = steps[answers.length];
  if (!step) {
    console.log(JSON.stringify(answers));
    return socket.close();
  }
  const id = answers.length + 1;
  waitsFor = new Set([id, ...(step.event ? [step.event] : [])]);
  socket.send(JSON.stringify({ id, method: step.method, params: step.params }));
};
let answer;
socket.onopen = next;
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (message.id) answer = message.error ?? message.result;
  waitsFor.delete(message.id ?? message.method);
  if (waitsFor.size === 0 && answer) {
    answers.push(answer);
    answer = undefined;
    next();
  }
};
socket.onerror = () => process.exit(1);
`;

export interface Step {
  readonly method: string;
  readonly params?: unknown;
  /** An event to wait for as well. */
  readonly event?: string;
}

/** Debugs a process of Node.js; returns the response of each step. */
export async function debug(
  url: string,
  steps: readonly Step[],
): Promise<unknown[]> {
  const { stdout } = await run(process.execPath, [
    '--experimental-websocket',
    '--no-warnings',
    '-e',
    client,
    url,
    JSON.stringify(steps),
  ]);
  return JSON.parse(stdout) as unknown[];
}

/** The value of an expression in a process of Node.js. */
export async function evaluate(
  url: string,
  expression: string,
): Promise<unknown> {
  const [answer] = await debug(url, [
    {
      method: 'Runtime.evaluate',
      params: { expression, returnByValue: true },
    },
  ]);
  return (answer as { result: { value?: unknown } }).result.value;
}
