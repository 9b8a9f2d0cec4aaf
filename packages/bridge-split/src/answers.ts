import { decode, type CodecLimits } from '@agd-bridge/jsonrpc1';

/**
 * Whether a frame is the response to one request. Cheap for frames in the
 * order in which our writers put the members; the frame is checked by whoever
 * takes it.
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

/** Whether it begins as our writers begin a result. Compares where it stands, without a text of its own. */
function isResult(frame: string, id: string): boolean {
  return (
    frame.startsWith(id, PREFIX.length) &&
    frame.startsWith(',"result":', PREFIX.length + id.length) &&
    frame.startsWith(PREFIX)
  );
}
