import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { PeerOptions } from '@agd-bridge/bridge-peer';
import type { Bridge } from '@agd-bridge/bridge';

/** A row of the conformance table: how production starts and opens this backend. */
export interface Backend {
  readonly name: string;
  /** The test peer in Go; made by `make build-test`. */
  readonly peer: string;
  /** The command that starts a Node program with its Go peer. */
  command(program: readonly string[]): readonly [string, ...string[]];
  /** Opens the bridge, in that Node program. */
  open(options: PeerOptions, env: NodeJS.ProcessEnv): Promise<Bridge>;
}

function built(name: string): string {
  return fileURLToPath(new URL(`../../build/test/${name}`, import.meta.url));
}

const split: Backend = {
  name: 'split',
  peer: built('bridgepeer'),
  command: (program) => [
    split.peer,
    'split',
    '--',
    process.execPath,
    ...program,
  ],
  open: async (options, env) => {
    const { openSplit } = await import('@agd-bridge/bridge-split');
    const readFd = Number(env['AGVM_FROM_AGD']);
    const writeFd = Number(env['AGVM_TO_AGD']);
    return openSplit({ ...options, readFd, writeFd });
  },
};

const inProcess: Backend = {
  name: 'in-process',
  peer: built('libbridgepeer.so'),
  command: (program) => [process.execPath, ...program],
  open: async (options) => {
    const { openInproc } = await import('@agd-bridge/bridge-inproc');
    const config = { conformance: true };
    return openInproc({ ...options, library: inProcess.peer, config });
  },
};

const all: readonly Backend[] = [split, inProcess];

/** The backend of a name. */
export function backendNamed(name: string | undefined): Backend {
  const found = all.find((backend) => backend.name === name);
  if (!found) throw new Error(`no backend ${String(name)}`);
  return found;
}

/** The backends to test: the one that AGD_BRIDGE names, or all. */
export function chosenBackends(env: NodeJS.ProcessEnv): readonly Backend[] {
  const name = env['AGD_BRIDGE'];
  return name === undefined ? all : [backendNamed(name)];
}

/** @throws the test peer was not built */
export function requireBuilt({ name, peer }: Backend): void {
  if (!existsSync(peer)) {
    throw new Error(`the ${name} test peer is missing: run make build-test`);
  }
}
