#!/usr/bin/env node
/**
 * A VM without a kernel, for a real agd, in either mode: answers every block
 * action, and makes every downcall inside and outside of one. Prints a {@link
 * Report} as one line of JSON that begins with `report `.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  acceptHandshake,
  messageOf,
  type Bridge,
  type Handler,
} from '@agd-bridge/bridge';
import { STOP_VM, upcallSchemas, downcallSchemas } from '@agd-bridge/agvm';
import { openInproc } from '@agd-bridge/bridge-inproc';
import { openSplit } from '@agd-bridge/bridge-split';

import { root } from '../support/paths.js';

/** Results of the downcalls: their errors by method, null for success. */
export interface Report {
  readonly inside: Readonly<Record<string, string | null>>;
  readonly outside: Readonly<Record<string, string | null>>;
}

/** Valid params of every downcall: the examples of the schemas' tests. */
function samples(): Map<string, string[]> {
  const file = join(root, 'test', 'vectors', 'schemas.json');
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as {
    method: string;
    side: string;
    value?: unknown[];
    message: string | null;
  }[];
  const found = new Map<string, string[]>();
  for (const { method, side, value, message } of vectors) {
    if (
      side === 'params' &&
      message === null &&
      value &&
      method in downcallSchemas
    ) {
      found.set(
        method,
        value.map((param) => JSON.stringify(param)),
      );
    }
  }
  return found;
}

function downcalls(bridge: Bridge): Record<string, string | null> {
  const errors: Record<string, string | null> = {};
  for (const [method, params] of samples()) {
    try {
      bridge.callSync(method, params);
      errors[method] = null;
    } catch (error) {
      errors[method] = messageOf(error);
    }
  }
  return errors;
}

let inside: Report['inside'] = {};
const handlers: Record<string, Handler> = {};
for (const method of Object.keys(upcallSchemas)) {
  handlers[method] = () => (method === 'swingset.Init' ? 'true' : 'null');
}
handlers['swingset.EndBlock'] = () => {
  inside = downcalls(bridge);
  return 'null';
};
let nextBegan = false;
handlers['swingset.BeginBlock'] = () => {
  nextBegan = true;
  return 'null';
};
handlers['swingset.AfterCommitBlock'] = () => {
  nextBegan = false;
  setImmediate(afterwards);
  return 'null';
};

/**
 * The response is sent. agd may not have read it yet, and then serves one more
 * downcall.
 */
function afterwards(): void {
  if (nextBegan) return;
  try {
    bridge.callSync('vstorage.Get', samples().get('vstorage.Get') ?? []);
  } catch {
    const report: Report = { inside, outside: downcalls(bridge) };
    console.log(`report ${JSON.stringify(report)}`);
    return;
  }
  setImmediate(afterwards);
}
handlers[STOP_VM] = () => {
  process.exit(0);
};

const {
  AGVM_LIBAGD: library,
  AGVM_FROM_AGD: from,
  AGVM_TO_AGD: to,
} = process.env;
const bridge: Bridge =
  library === undefined
    ? openSplit({ readFd: Number(from), writeFd: Number(to), handlers })
    : openInproc({
        library,
        config: { args: process.argv.slice(2) },
        handlers,
      });
await acceptHandshake(bridge, 'a VM without a kernel');
