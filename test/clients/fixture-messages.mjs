/**
 * The messages of chunked bundles. `@agoric/client-utils` 0.2.0 imports them
 * from a path of `@agoric/cosmic-proto` that no published version has;
 * `fixture-bundle.mjs` puts this module in its place.
 */
import protobuf from 'protobufjs';

const { root } = protobuf.parse(`
  syntax = "proto3";
  package agoric.swingset;
  message ChunkInfo {
    string sha512 = 1;
    uint64 size_bytes = 2;
    int32 state = 3;
  }
  message ChunkedArtifact {
    string sha512 = 1;
    uint64 size_bytes = 2;
    repeated ChunkInfo chunks = 3;
  }
  message MsgInstallBundle {
    string bundle = 1;
    bytes submitter = 2;
    bytes compressed_bundle = 3;
    int64 uncompressed_size = 4;
    ChunkedArtifact chunked_artifact = 5;
  }
  message MsgInstallBundleResponse {
    uint64 chunked_artifact_id = 1;
  }
  message MsgSendChunk {
    uint64 chunked_artifact_id = 1;
    bytes submitter = 2;
    uint64 chunk_index = 3;
    bytes chunk_data = 4;
  }
`);

/** protobufjs takes text for 64-bit numbers, but no bigint. */
const plain = (value) => {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(plain);
  const members = Object.entries(value);
  return Object.fromEntries(members.map(([name, each]) => [name, plain(each)]));
};

const codec = (name) => {
  const type = root.lookupType(`agoric.swingset.${name}`);
  return {
    typeUrl: `/agoric.swingset.${name}`,
    fromPartial: (message) => message,
    encode: (message) => type.encode(type.fromObject(plain(message))),
    decode: (bytes) => type.toObject(type.decode(bytes), { longs: String }),
  };
};

export const MsgInstallBundle = codec('MsgInstallBundle');
export const MsgInstallBundleResponse = codec('MsgInstallBundleResponse');
export const MsgSendChunk = codec('MsgSendChunk');
