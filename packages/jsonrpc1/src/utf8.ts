import { isAscii, isUtf8 } from 'node:buffer';

import { ProtocolError } from '@agd-bridge/bridge';

// ignoreBOM keeps a byte-order mark as a character, which JSON then refuses.
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The text of one frame's bytes.
 *
 * @throws {ProtocolError} they are not valid UTF-8
 */
export function decodeUtf8(bytes: Uint8Array, stream: string): string {
  const ascii = asciiText(bytes);
  if (ascii !== undefined) return ascii;
  try {
    return strict.decode(bytes);
  } catch {
    throw notUtf8(invalidOffset(bytes), stream);
  }
}

/** The text of bytes that are ASCII, as nearly all are; undefined for others. */
export function asciiText(bytes: Uint8Array): string | undefined {
  if (!isAscii(bytes)) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(
    'latin1',
  );
}

/** The error for a frame that is not valid UTF-8 from an offset in bytes on. */
export function notUtf8(offset: number, stream: string): ProtocolError {
  return new ProtocolError(
    `${stream}: byte ${String(offset)}: expected valid UTF-8`,
  );
}

/** Where the first invalid sequence starts: by halves, so that a long frame takes no longer than a few readings of it. */
function invalidOffset(bytes: Uint8Array): number {
  let valid = 0; // all before it is, and it starts a sequence
  let end = bytes.length; // the first invalid one starts before it, or there
  while (end - valid > 8) {
    let middle = (valid + end) >> 1;
    // A sequence has at most three bytes of this kind behind its first.
    for (let i = 0; i < 3 && isContinuation(bytes[middle]); i += 1) middle -= 1;
    if (isUtf8(bytes.subarray(valid, middle))) valid = middle;
    else end = middle;
  }
  for (;;) {
    const length = sequenceLength(bytes[valid] ?? 0);
    if (!isUtf8(bytes.subarray(valid, valid + length))) return valid;
    valid += length;
  }
}

function isContinuation(byte = 0): boolean {
  return (byte & 0xc0) === 0x80;
}

function sequenceLength(lead: number): number {
  if (lead < 0xc0) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}
