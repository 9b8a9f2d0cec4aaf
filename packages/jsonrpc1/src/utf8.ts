import { isAscii, isUtf8 } from 'node:buffer';

import { ProtocolError } from '@agd-bridge/bridge';

// ignoreBOM keeps a byte-order mark as a character, which JSON then refuses.
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes the bytes of one frame.
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

/** Decodes pure ASCII, the usual case; returns undefined for other bytes. */
export function asciiText(bytes: Uint8Array): string | undefined {
  if (!isAscii(bytes)) return undefined;
  // Not latin1: Node.js makes long ones outside of V8's heap, which is slow.
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(
    'ascii',
  );
}

/** The error for a frame with invalid UTF-8 at an offset, in bytes. */
export function notUtf8(offset: number, stream: string): ProtocolError {
  return new ProtocolError(
    `${stream}: byte ${String(offset)}: expected valid UTF-8`,
  );
}

/**
 * Offset of the first invalid sequence. A binary search, so that a long frame
 * costs only a few passes.
 */
function invalidOffset(bytes: Uint8Array): number {
  let valid = 0; // all bytes before it are valid, and a sequence starts here
  let end = bytes.length; // the first invalid sequence starts here or before
  while (end - valid > 8) {
    let middle = (valid + end) >> 1;
    // A sequence has at most three continuation bytes.
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
