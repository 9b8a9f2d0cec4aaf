import { decode, type CodecLimits } from '@agd-bridge/jsonrpc1';

/**
 * Whether a frame is the response to one request. Fast for frames whose members
 * are in our encoders' order; the receiver validates the frame.
 */
export function answers(
  frame: string,
  id: number,
  limits: CodecLimits,
): boolean {
  if (isResult(frame, String(id))) return true;
  const start = /^\{"id":(null|\d+),"(method|result|error)":/.exec(frame);
  if (start) return start[2] !== 'method' && start[1] === String(id);
  try {
    const message = decode(frame, limits, '');
    return message.kind === 'response' && message.id === id;
  } catch {
    return false;
  }
}

const PREFIX = '{"id":';

/**
 * Whether the frame starts as our encoders start a result. Compares in place,
 * without a substring.
 */
function isResult(frame: string, id: string): boolean {
  return (
    frame.startsWith(id, PREFIX.length) &&
    frame.startsWith(',"result":', PREFIX.length + id.length) &&
    frame.startsWith(PREFIX)
  );
}
