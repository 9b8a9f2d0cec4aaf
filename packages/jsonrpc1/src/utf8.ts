import { isUtf8 } from 'node:buffer';

import { ProtocolError } from '@agd-bridge/bridge';

// ignoreBOM keeps a byte-order mark as a character, which JSON then refuses.
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The text of one frame's bytes.
 *
 * @throws {ProtocolError} they are not valid UTF-8
 */
export function decodeUtf8(bytes: Uint8Array, stream: string): string {
  try {
    return strict.decode(bytes);
  } catch {
    const offset = invalidOffset(bytes);
    throw new ProtocolError(
      `${stream}: byte ${String(offset)}: expected valid UTF-8`,
    );
  }
}

/** Where the first invalid sequence starts. */
function invalidOffset(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes[at] ?? 0);
    if (!isUtf8(bytes.subarray(at, at + length))) break;
    at += length;
  }
  return at;
}

function sequenceLength(lead: number): number {
  if (lead < 0xc0) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}
