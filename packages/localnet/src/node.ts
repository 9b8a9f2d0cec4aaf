import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

import {
  AgdProcess,
  byMode,
  lastWords,
  startArgs,
  type Mode,
} from '@agd-bridge/chain-kit';

/** Grace period before a node is killed, in ms; agd itself gives its VM 8 s. */
const GRACE = 30_000;
/** Grace period after a second signal, in ms. */
const SHORT_GRACE = 5_000;

/**
 * A node of a network. It appends to its own log file, so that it can outlive
 * this process.
 */
export class LocalNode extends AgdProcess {
  readonly name: string;
  readonly mode: Mode;
  readonly log: string;
  /** Offset of this run in the log, in bytes. */
  readonly #from: number;

  /** @throws Error if the log cannot be written */
  constructor(options: {
    readonly agd: string;
    readonly home: string;
    readonly name: string;
    readonly mode: Mode;
    readonly env: NodeJS.ProcessEnv;
  }) {
    const { agd, home, name, mode, env } = options;
    const log = join(home, 'agd.log');
    const output = openSync(log, 'a');
    const from = statSync(log).size;
    super({
      agd,
      args: startArgs({ home, way: byMode[mode], log: 'plain' }),
      env,
      output,
      grace: GRACE,
      shortGrace: SHORT_GRACE,
    });
    closeSync(output);
    this.name = name;
    this.mode = mode;
    this.log = log;
    this.#from = from;
  }

  /** The line in which its VM or agd reported why it ended, if one did. */
  get lastWords(): string | undefined {
    return lastWords(tailOf(this.log, this.#from).split('\n'));
  }
}

/** A node of a network as its watcher and its end need it. */
export interface Member {
  readonly name: string;
  readonly mode: Mode;
  readonly pid: number | undefined;
  readonly how: string | undefined;
  stop(): Promise<void>;
}

/** A node that was started by hand before the network: it is only watched. */
export function startedByHand(name: string, mode: Mode): Member {
  return {
    ...{ name, mode },
    pid: undefined,
    how: 'was started by hand',
    stop: () => Promise.resolve(),
  };
}

/** Size of the log's end that is searched for last words, in bytes. */
const TAIL = 64 * 1024;

/** The end of the part of a file that was written after `from`. */
function tailOf(file: string, from: number): string {
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const begin = Math.max(from, size - TAIL);
    const text = Buffer.alloc(Math.max(0, size - begin));
    return text.toString('utf8', 0, readSync(fd, text, 0, text.length, begin));
  } finally {
    closeSync(fd);
  }
}
