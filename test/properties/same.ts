import { isDeepStrictEqual } from 'node:util';

import type { Request } from './wire.js';

/** @throws Error that shows both, and the input as a codecpeer takes it */
export function assertSame(
  got: unknown,
  want: unknown,
  what: string,
  request: Request,
): void {
  if (isDeepStrictEqual(got, want)) return;
  throw new Error(
    `${what}\n  got   ${show(got)}\n  want  ${show(want)}\n  input ${JSON.stringify(request)}\n  that is ${show(request)}`,
  );
}

const BASE64 = ['chunks', 'method', 'params', 'result', 'error', 'frame'];

/** JSON whose base64 is text, a byte a character. */
function show(value: unknown): string {
  const plain = (base64: unknown): unknown =>
    typeof base64 === 'string'
      ? Buffer.from(base64, 'base64').toString('latin1')
      : base64;
  return JSON.stringify(value, (key, member: unknown) => {
    if (!BASE64.includes(key)) return member;
    return Array.isArray(member) ? member.map(plain) : plain(member);
  });
}
