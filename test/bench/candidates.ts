import { fileURLToPath } from 'node:url';

import {
  backendNamed,
  backends,
  type Backend,
} from '../conformance/backends.js';
import type { CallCase } from './cases.js';
import type { Op, Side, Slice } from './side.js';

/**
 * A subject of measurements: how to start it, and how to open it in its Node
 * program.
 */
export interface Candidate {
  readonly name: string;
  readonly what: string;
  readonly ops: readonly Op[];
  /** The largest load of a case, if larger ones show nothing new. */
  readonly most?: { readonly bytes?: number; readonly outstanding?: number };
  /** It needs two CPUs, because its threads would delay each other on one. */
  readonly cpus?: 'any';
  /** The command that starts a Node program with its Go peer. */
  readonly command: (
    program: readonly string[],
  ) => readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Opens it in its Node program. */
  readonly open: () => Promise<Side>;
  /** What it is in another checkout, whose program runs instead of this one's. */
  readonly from?: { readonly name: string; readonly checkout: string };
}

/** Runs slices until it is ended. */
export interface Runner {
  /** Resolves with the duration of each call, in nanoseconds. */
  run(slice: Slice): Promise<readonly number[]>;
  end(): Promise<void>;
}

/** A chain with a real agd, which measures itself. */
export interface ChainCandidate {
  readonly name: string;
  readonly what: string;
  readonly ops: readonly Op[];
  /** Starts it. The caller must end it. */
  readonly start: () => Promise<Runner>;
}

/**
 * A program measured from its start to its first output, a new process each
 * time.
 */
export interface Starter {
  readonly name: string;
  readonly what: string;
  readonly ops: readonly ['start'];
  readonly command: readonly [string, ...string[]];
}

/** A participant in cases. */
export type Contestant = Candidate | ChainCandidate | Starter;

const untraced = { limits: {}, untraced: true };

function built(name: string): string {
  return fileURLToPath(new URL(`../../build/test/${name}`, import.meta.url));
}

function benchpeer(mode: string): Candidate['command'] {
  const peer = built('benchpeer');
  return (program) => [peer, mode, '--', process.execPath, ...program];
}

/** A backend of the bridge: every row of test/conformance/backends.ts is a candidate. */
const bridge = (backend: Backend): Candidate => ({
  name: backend.name,
  what: `the bridge, ${backend.name}`,
  ops: ['downcall', 'spaced downcall', 'async downcall', 'upcall'],
  command: (program) => backend.command(program),
  env: backend.env(untraced),
  open: async () => (await import('./sides/bridge.js')).openBridge(backend),
});

/** The split backend's Go side, with another JavaScript side. */
const onSplit = {
  command: bridge(backendNamed('split')).command,
  env: backendNamed('split').env(untraced),
};

/** All candidates, one a row. */
export const candidates: readonly Candidate[] = [
  ...backends.map(bridge),
  {
    name: 'raw pipe',
    what: 'reference for pipes: as many bytes, not decoded; a Go read/write loop',
    ops: ['downcall', 'spaced downcall', 'upcall'],
    most: { outstanding: 1 },
    command: benchpeer('raw'),
    open: async () => (await import('./sides/raw.js')).openRaw(),
  },
  {
    name: 'empty addon call',
    what: 'reference for an addon: a method that does nothing',
    ops: ['downcall'],
    most: { bytes: 64 },
    command: (program) => [process.execPath, ...program],
    open: async () =>
      (await import('./sides/empty.js')).openEmpty(
        backendNamed('in-process').peer,
      ),
  },
  {
    name: 'addon call into Go',
    what: 'reference for the in-process bridge: the addon calls Go directly, which returns as many bytes, not decoded',
    ops: ['downcall', 'spaced downcall'],
    command: (program) => [process.execPath, ...program],
    open: async () =>
      (await import('./sides/wake.js')).openWake(built('libwake.so')),
  },
  {
    name: 'shared-memory ping',
    what: 'reference for shared memory: two polling threads pass a number back and forth; shows how far apart the CPUs are',
    ops: ['downcall'],
    most: { bytes: 64 },
    cpus: 'any',
    command: (program) => [process.execPath, ...program],
    open: async () => (await import('./sides/ping.js')).openPing(),
  },
  {
    name: 'addon wake-up',
    what: "reference for the addon's wake-ups: a goroutine and JavaScript wake each other",
    ops: ['upcall'],
    most: { outstanding: 1 },
    command: (program) => [process.execPath, ...program],
    open: async () =>
      (await import('./sides/wake.js')).openWake(built('libwake.so')),
  },
  {
    name: 'Atomics.wait',
    what: 'a worker thread has the pipes; the main thread waits for it',
    ops: ['downcall'],
    ...onSplit,
    open: async () => (await import('./sides/atomics.js')).openAtomics(),
  },
  {
    name: 'JSON lines',
    what: "JSON lines over Node's streams, by hand",
    ops: ['async downcall', 'upcall'],
    ...onSplit,
    open: async () => (await import('./sides/json-lines.js')).openJsonLines(),
  },
  {
    name: 'vscode-jsonrpc',
    what: 'JSON-RPC 2.0 over pipes, as language servers have it',
    ops: ['async downcall', 'upcall'],
    command: benchpeer('lsp'),
    open: async () => (await import('./sides/vscode.js')).openVscode(),
  },
  {
    name: 'HTTP',
    what: 'HTTP over Unix sockets: undici and net/http',
    ops: ['async downcall', 'upcall'],
    command: benchpeer('http'),
    open: async () => (await import('./sides/http.js')).openHttp(),
  },
  {
    name: 'gRPC',
    what: 'gRPC over Unix sockets: grpc-js and grpc-go',
    ops: ['async downcall', 'upcall'],
    command: benchpeer('grpc'),
    open: async () => (await import('./sides/grpc.js')).openGrpc(),
  },
];

const spawn = benchpeer('spawn');

/** All programs whose start is measured, one a row. */
export const starters: readonly Starter[] = [
  {
    name: 'agvm',
    what: 'the VM, up to its answer to the handshake',
    ops: ['start'],
    command: spawn([
      fileURLToPath(new URL('../../packages/agvm/bin/agvm', import.meta.url)),
      // The kernel would use this directory after the handshake.
      '--home=/nonexistent',
    ]),
  },
  {
    name: 'node',
    what: 'Node.js, up to the first statement of an empty program',
    ops: ['start'],
    command: spawn(['-e', 'require("fs").writeSync(5, "\\n")']),
  },
];

/** Whether a candidate takes part in a case. */
export function takesPart(candidate: Contestant, each: CallCase): boolean {
  const most = 'most' in candidate ? candidate.most : undefined;
  const { bytes = Infinity, outstanding = Infinity } = most ?? {};
  const cpus = 'cpus' in candidate ? candidate.cpus : undefined;
  const ops: readonly Op[] = candidate.ops;
  return (
    ops.includes(each.op) &&
    each.cpus === (cpus ?? each.cpus) &&
    each.bytes <= bytes &&
    each.outstanding <= outstanding
  );
}

/** Returns the candidate with this name. */
export function candidateNamed(name: string | undefined): Candidate {
  const found = candidates.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no candidate ${String(name)}`);
  return found;
}
