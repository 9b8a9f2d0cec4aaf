import type { Case } from './case.js';
import { basic } from './cases/basic.js';
import { closing } from './cases/closing.js';
import { dying } from './cases/dying.js';
import { failures } from './cases/failures.js';
import { limits } from './cases/limits.js';
import { nesting } from './cases/nesting.js';
import { order } from './cases/order.js';
import { payloads } from './cases/payloads.js';
import { slow } from './cases/slow.js';
import { tolerated } from './cases/tolerated.js';
import { wire } from './cases/wire.js';

/**
 * Every case runs on every backend; a new backend needs only a row in
 * backends.ts.
 */
export const cases: readonly Case[] = [
  ...basic,
  ...failures,
  ...order,
  ...nesting,
  ...limits,
  ...slow,
  ...payloads,
  ...closing,
  ...dying,
  ...wire,
  ...tolerated,
];
