import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ExecutionContext } from 'ava';

import { Process, descendants } from '../../../test/support/process.js';

const example = join(import.meta.dirname, '..');
const root = join(example, '..', '..');

/** The two commands that start the service, read from the README. */
export const commands = await readmeCommands();

async function readmeCommands() {
  const readme = await readFile(join(example, 'README.md'), 'utf8');
  const lines = readme.matchAll(/^ {4}(\S*rules serve\b[^#\n]*)/gm);
  const found = [...lines].map(([, line = '']) => line.trim());
  const [inProcess, split] = found;
  if (inProcess === undefined || split === undefined || found.length !== 2) {
    throw new Error('README.md: expected two commands that start the service');
  }
  return { 'in-process': inProcess, split } as const;
}

export type Mode = keyof typeof commands;
export const modes: readonly Mode[] = ['in-process', 'split'];

/** A response of the service. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A running service, on a port of its own. */
export class Service extends Process {
  readonly mode: Mode;

  constructor(mode: Mode, args: readonly string[] = []) {
    const [file = '', ...rest] = commands[mode].split(' ');
    super(join(root, file), [...rest, '--listen', '127.0.0.1:0', ...args]);
    this.mode = mode;
  }

  /** The service's URL, once it listens. */
  async url(): Promise<string> {
    return this.line((line) => /^rules: listening on (\S+)$/.exec(line)?.[1]);
  }

  async order(order: unknown): Promise<Answer> {
    const body = typeof order === 'string' ? order : JSON.stringify(order);
    const response = await fetch(`${await this.url()}/orders`, {
      method: 'POST',
      body,
    });
    return answerOf(response);
  }

  async stock(sku: string): Promise<unknown> {
    const response = await fetch(`${await this.url()}/stock/${sku}`);
    return (await answerOf(response)).body['level'];
  }

  /** The process ids of the service: two if it is split. */
  async pids(): Promise<readonly number[]> {
    await this.url();
    return [this.pid, ...descendants(this.pid).map(({ pid }) => pid)];
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const body = (await response.json()) as Answer['body'];
  return { status: response.status, body };
}

/** Starts a service that ends with the test. `rules`: the text of the operator's rules, if not those of the example. */
export async function start(
  t: ExecutionContext,
  mode: Mode,
  rules?: string,
): Promise<Service> {
  t.timeout(60_000); // a service that hangs is ended by the teardown
  const args: string[] = [];
  if (rules !== undefined) {
    const shop = await mkdtemp(join(tmpdir(), 'rules-test-'));
    t.teardown(() => rm(shop, { recursive: true }));
    await cp(join(example, 'shop', 'shop.json'), join(shop, 'shop.json'));
    await writeFile(join(shop, 'rules.mjs'), rules);
    args.push('--shop', shop);
  }
  const service = new Service(mode, args);
  t.teardown(() => service.kill());
  return service;
}
