import { readFileSync } from 'node:fs';

import { LocalError, ProtocolError } from '@agd-bridge/bridge';
import {
  FrameDecoder,
  decode,
  decodeUtf8,
  encodeError,
  encodeNotification,
  encodeRequest,
  encodeResult,
  type CodecLimits,
  type Message,
} from '@agd-bridge/jsonrpc1';
import test from 'ava';

// go/bridge/jsonrpc1/vectors_test.go reads the same files.
function vectors(name: string): unknown {
  const url = new URL(`../../../test/vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

interface Valid {
  limits: CodecLimits;
  frames: { name: string; frame: string; message: Message; canonical?: true }[];
}

interface Invalid {
  limits: CodecLimits;
  stream: string;
  frames: { name: string; frame?: string; hex?: string; error: string }[];
}

interface BadParams {
  limits: CodecLimits;
  params: { name: string; text: string; error: string }[];
}

interface Streams {
  maxFrameBytes: number;
  stream: string;
  streams: {
    name: string;
    chunks: string[];
    frames: string[];
    error?: string;
  }[];
}

function encode(message: Message, limits: CodecLimits): string {
  switch (message.kind) {
    case 'request':
      return encodeRequest(message.id, message.method, message.params, limits);
    case 'notification':
      return encodeNotification(message.method, message.params, limits);
    case 'response':
      return message.error === undefined
        ? encodeResult(message.id, message.result, limits)
        : encodeError(message.id, message.error, limits);
  }
}

const valid = vectors('valid') as Valid;
for (const { name, frame, message, canonical } of valid.frames) {
  test(`decodes ${name}`, (t) => {
    const decoded = decode(frame, valid.limits, 'test');
    t.deepEqual(JSON.parse(JSON.stringify(decoded)), message);
  });
  if (canonical) {
    test(`encodes ${name}`, (t) => {
      t.is(encode(message, valid.limits), frame);
    });
  }
}

const invalid = vectors('invalid') as Invalid;
for (const { name, frame, hex, error } of invalid.frames) {
  test(`refuses ${name}`, (t) => {
    const bytes =
      hex === undefined ? Buffer.from(frame ?? '') : Buffer.from(hex, 'hex');
    t.throws(
      () => {
        const text = decodeUtf8(bytes, invalid.stream);
        decode(text, invalid.limits, invalid.stream);
      },
      { instanceOf: ProtocolError, message: error },
    );
  });
}

const bad = vectors('params') as BadParams;
for (const { name, text, error } of bad.params) {
  test(`does not send a param that is ${name}`, (t) => {
    t.throws(() => encodeRequest(1, 'm', [text], bad.limits), {
      instanceOf: LocalError,
      message: error,
    });
  });
}

const { maxFrameBytes, stream, streams } = vectors('streams') as Streams;
for (const { name, chunks, frames, error } of streams) {
  test(`frames of a stream: ${name}`, (t) => {
    const decoder = new FrameDecoder({ maxFrameBytes }, stream);
    const got: string[] = [];
    const run = () => {
      for (const chunk of chunks) {
        decoder.feed(Buffer.from(chunk));
        for (let f; (f = decoder.next()) !== undefined;) got.push(f);
      }
      decoder.end();
    };
    if (error === undefined) t.notThrows(run);
    else t.throws(run, { instanceOf: ProtocolError, message: error });
    t.deepEqual(got, frames);
  });
}
