/**
 * Decodes every hostile frame of so many bytes, keeping each message until
 * the next. Node's own limit ends it if the codec takes too much memory.
 *
 *     node --max-old-space-size=… --import=tsx fixture-memory.ts BYTES
 */
import { BridgeError } from '@agd-bridge/bridge';
import { FrameDecoder, decode, type Message } from '@agd-bridge/jsonrpc1';

import { hostileFrames } from './hostile.js';

const size = Number(process.argv[2]);
const limits = { maxFrameBytes: 4 * size, maxNesting: 4 * size };
const kept: Message[] = [];
for (const { name, frame } of hostileFrames) {
  if (name.startsWith('result: ')) continue; // read as params are
  const text = frame(size);
  console.log(name);
  kept.length = 0;
  const decoder = new FrameDecoder(limits, 'test');
  decoder.feed(Buffer.from(text));
  decoder.feed(Buffer.from('\n'));
  try {
    for (let next; (next = decoder.next()) !== undefined;) {
      kept.push(decode(next, limits, 'test'));
    }
  } catch (thrown) {
    if (!(thrown instanceof BridgeError)) throw thrown;
  }
}
console.log('done');
