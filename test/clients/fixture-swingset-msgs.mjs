/**
 * What @agoric/client-utils takes for `codegen/agoric/swingset/msgs.js` of
 * `@agoric/cosmic-proto`, which the published package lacks: codecs of the
 * chain's own messages, in the form that CosmJS's registry takes.
 */
import { readFileSync } from 'node:fs';

import protobuf from 'protobufjs';

const root = new protobuf.Root();
for (const name of ['chunks', 'msgs']) {
  const file = new URL(
    `../../go/proto/agoric/swingset/${name}.proto`,
    import.meta.url,
  );
  protobuf.parse(readFileSync(file, 'utf8'), root);
}

/** protobufjs has 64-bit numbers as text. */
const withoutBigInts = (value) => {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(withoutBigInts);
  if (value?.constructor !== Object) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      withoutBigInts(member),
    ]),
  );
};

const codec = (name) => {
  const type = root.lookupType(`agoric.swingset.${name}`);
  return {
    typeUrl: `/agoric.swingset.${name}`,
    fromPartial: (value) => type.fromObject(withoutBigInts(value)),
    encode: (message) => type.encode(message),
    decode: (bytes) => type.toObject(type.decode(bytes), { longs: String }),
  };
};

export const MsgInstallBundle = codec('MsgInstallBundle');
export const MsgInstallBundleResponse = codec('MsgInstallBundleResponse');
export const MsgSendChunk = codec('MsgSendChunk');
