/**
 * The TypeScript codec for the property tests: one JSON request a line on
 * stdin, one JSON outcome a line on stdout (`wire.ts`). Its twin in Go is
 * `go/bridge/cmd/codecpeer`.
 */
import { createInterface } from 'node:readline';

import { BridgeError, JsonText, messageOf } from '@agd-bridge/bridge';
import {
  FrameDecoder,
  decode,
  encodeError,
  encodeNotification,
  encodeRequest,
  encodeResult,
  type EncoderLimits,
  type Message,
} from '@agd-bridge/jsonrpc1';

import {
  fromBase64,
  toBase64,
  type DecodeRequest,
  type Outcome,
  type Request,
  type WireMessage,
} from './wire.js';

function run(request: Request): Outcome {
  const messages: Message[] = [];
  let frame: string | null = null;
  let failure: BridgeError | undefined;
  try {
    if (request.op === 'decode') decodeStream(request, messages);
    else frame = encode(request.message, request.limits);
  } catch (thrown) {
    // Anything else is a crash.
    if (!(thrown instanceof BridgeError)) throw thrown;
    failure = thrown;
  }
  return {
    messages: messages.length === 0 ? null : messages.map(toWire),
    frame: frame === null ? null : toBase64(frame),
    failure: failure?.message ?? '',
    failureKind: failure?.kind ?? '',
  };
}

/** The whole path: chunks, frames, messages. */
function decodeStream(request: DecodeRequest, messages: Message[]): void {
  const { limits, stream } = request;
  const decoder = new FrameDecoder(limits, stream);
  for (const base64 of request.chunks) {
    const chunk = Buffer.from(base64, 'base64');
    decoder.feed(chunk);
    chunk.fill(0); // it was copied
    for (let frame; (frame = decoder.next()) !== undefined;) {
      messages.push(decode(frame, limits, stream));
    }
  }
  decoder.end();
}

/** With texts and with every valid one as a JsonText, which must be the same. */
function encode(message: WireMessage, limits: EncoderLimits): string {
  const trusted = told(() => encodeWith(message, limits, trustedIfValid));
  const checked = told(() => encodeWith(message, limits, fromBase64));
  if (trusted !== checked) {
    throw new Error(`trusted: ${trusted}, checked: ${checked}`);
  }
  return encodeWith(message, limits, fromBase64);
}

/** The frame, or the error. */
function told(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return messageOf(error);
  }
}

function encodeWith(
  message: WireMessage,
  limits: EncoderLimits,
  read: (base64: string) => string | JsonText,
): string {
  const { kind, id, error } = message;
  const method = fromBase64(message.method ?? '');
  const params = (message.params ?? []).map(read);
  if (kind === 'request') return encodeRequest(id, method, params, limits);
  if (kind === 'notification') {
    return encodeNotification(method, params, limits);
  }
  return error === null
    ? encodeResult(id, read(message.result ?? ''), limits)
    : encodeError(id, fromBase64(error), limits);
}

/** Every valid text as a JsonText, which must make no difference. */
function trustedIfValid(base64: string): string | JsonText {
  const text = fromBase64(base64);
  try {
    return JsonText.parse(text);
  } catch {
    return text;
  }
}

const absent = { method: null, params: null, result: null, error: null };

function toWire(message: Message): WireMessage {
  const { kind } = message;
  const id = kind === 'notification' ? 0 : message.id;
  if (kind === 'response') {
    const error = message.error === undefined ? null : toBase64(message.error);
    return { ...absent, kind, id, result: toBase64(message.result), error };
  }
  const params = message.params.map(toBase64);
  return {
    ...absent,
    kind,
    id,
    method: toBase64(message.method),
    params: params.length === 0 ? null : params,
  };
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const answer = run(JSON.parse(line) as Request);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
