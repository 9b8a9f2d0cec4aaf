/**
 * Runs one conformance case in a process of its own, as the Node side of a
 * backend: `node --import=tsx fixture-case.ts <backend> <case>`. Prints PASSED
 * last. The process must then exit by itself, which shows that the bridge left
 * no open handles.
 */
import assert from 'node:assert/strict';

import { acceptHandshake } from '@agd-bridge/bridge';

import { backendNamed } from './backends.js';
import { PASSED } from './case.js';
import { cases } from './cases.js';
import { EXCLUSIVE, JsSide } from './js-side.js';

const [backendName, caseName] = process.argv.slice(2);
const found = cases.find(({ name }) => name === caseName);
assert(found, `no case ${String(caseName)}`);

const backend = backendNamed(backendName);
const raw = found.raw ? await backend.openRaw(process.env) : undefined;
const side = new JsSide(raw);
const limits = found.limits ?? {};
const bridge = await backend.open(
  {
    limits,
    peerName: 'go',
    handlers: side.handlers,
    exclusive: [EXCLUSIVE],
    trace: (direction, frame) => {
      side.trace(direction, frame);
    },
  },
  { limits },
  process.env,
);
side.bind(bridge);
await acceptHandshake(bridge, 'fixture');
await found.run(bridge, assert, side);
raw?.close();
bridge.close();
await bridge.closed;
console.log(PASSED);
