import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { PeerOptions } from '@agd-bridge/bridge-peer';
import type { Bridge, Limits } from '@agd-bridge/bridge';

/** The options of a case for both sides' bridges. */
export interface Config {
  readonly limits: Partial<Limits>;
  /** Go does not record frames: for measurements. */
  readonly untraced?: boolean;
}

/** Sends bytes without the engine's knowledge. */
export interface RawOutput {
  write(bytes: Uint8Array): void;
  close(): void;
}

/**
 * A row of the conformance table: starts and opens the backend as production
 * does.
 */
export interface Backend {
  readonly name: string;
  /** The test peer in Go, built by `make build-test`. */
  readonly peer: string;
  /** The command that starts a Node program with its Go peer. */
  command(program: readonly string[]): readonly [string, ...string[]];
  /** The Go peer's environment for a case. */
  env(config: Config): Readonly<Record<string, string>>;
  /**
   * Called before {@link open}: prepares to write to the peer without the
   * bridge.
   */
  openRaw(env: NodeJS.ProcessEnv): Promise<RawOutput>;
  /** Opens the bridge in the Node program. */
  open(
    options: PeerOptions,
    config: Config,
    env: NodeJS.ProcessEnv,
  ): Promise<Bridge>;
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
  env: (config) => ({ BRIDGETEST_CONFIG: JSON.stringify(config) }),
  openRaw: (env) => {
    const fd = openSync(`/proc/self/fd/${env['BRIDGE_WRITE_FD'] ?? ''}`, 'w');
    return Promise.resolve({
      write: (bytes) => {
        try {
          for (let done = 0; done < bytes.length;) {
            done += writeSync(fd, bytes, done);
          }
        } catch (error) {
          // A peer that has closed drops our writes.
          if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
        }
      },
      close: () => {
        closeSync(fd);
      },
    });
  },
  open: async (options, _config, env) => {
    const { openBridge } = await import('@agd-bridge/bridge-open');
    return openBridge(env, options);
  },
};

/** As {@link split}, but after the handshake's first frame the bytes go through shared memory. */
const splitShm: Backend = {
  ...split,
  name: 'split-shm',
  command: (program) => [
    split.peer,
    'split-shm',
    '--',
    process.execPath,
    ...program,
  ],
  openRaw: async () => {
    const { RingWriter } =
      await import('../../packages/bridge-split/dist/ring.js');
    type RingWriter = InstanceType<typeof RingWriter>;
    type Write = (this: RingWriter, bytes: Uint8Array) => number;
    const write: Write = Reflect.get(RingWriter.prototype, 'write');
    let ring: RingWriter | undefined;
    Reflect.set(
      RingWriter.prototype,
      'write',
      function (this: RingWriter, bytes: Uint8Array) {
        // The engine's own writer, because a ring has one writer.
        noteRing(this);
        return write.call(this, bytes);
      },
    );
    const noteRing = (used: RingWriter): void => {
      ring = used;
    };
    return {
      write: (bytes) => {
        for (let done = 0; done < bytes.length;) {
          if (!ring) throw new Error('nothing was sent through the ring');
          done += ring.write(bytes.subarray(done));
        }
      },
      close: () => undefined,
    };
  },
};

const inProcess: Backend = {
  name: 'in-process',
  peer: built('libbridgepeer.so'),
  command: (program) => [process.execPath, ...program],
  env: () => ({}),
  openRaw: async () => {
    const { loadAddon } =
      await import('../../packages/bridge-inproc/dist/addon.js');
    const addon = loadAddon();
    const open = addon.open.bind(addon);
    let handle: ReturnType<typeof open> | undefined;
    addon.open = (...args) => (handle = open(...args));
    let rest = '';
    return {
      // The carrier takes frames, not bytes.
      write: (bytes) => {
        const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
        const lines = `${rest}${decoder.decode(bytes)}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) handle?.send(line);
      },
      close: () => undefined,
    };
  },
  open: async (options, { limits, untraced = false }) => {
    const { openBridge } = await import('@agd-bridge/bridge-open');
    // Go's names of the limits differ only in the case of the first letter,
    // which Go's JSON decoder ignores.
    const config = { conformance: true, limits, untraced };
    const env = { BRIDGE_LIBRARY: inProcess.peer };
    return openBridge(env, { ...options, config });
  },
};

/** Every backend: one row of the conformance table each. */
export const backends: readonly Backend[] = [split, splitShm, inProcess];

/** Returns the backend with this name. */
export function backendNamed(name: string | undefined): Backend {
  const found = backends.find((backend) => backend.name === name);
  if (!found) throw new Error(`no backend ${String(name)}`);
  return found;
}

/** The backends to test: the one in AGD_BRIDGE, or all. */
export function chosenBackends(env: NodeJS.ProcessEnv): readonly Backend[] {
  const name = env['AGD_BRIDGE'];
  return name === undefined ? backends : [backendNamed(name)];
}

/** @throws the test peer was not built */
export function requireBuilt({ name, peer }: Backend): void {
  if (!existsSync(peer)) {
    throw new Error(`the ${name} test peer is missing: run make build-test`);
  }
}
