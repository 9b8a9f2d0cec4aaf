import { UNSENT, loadAddon, type Exchanged } from './addon.js';
import { Input, type Source } from './input.js';
import { PipeSink, SharedSink, type Sink } from './output.js';
import type { Rings } from './ring.js';
import { SharedInput, type SharedSinks } from './shared-input.js';

/** The bytes of a bridge, in both directions. */
export interface Link {
  readonly input: Source;
  readonly sink: Sink;
  /**
   * The fast path of a downcall: writes a frame, blocks, and returns the next
   * frame, in one call of the addon. Allowed only while both directions are
   * idle, and between `input`'s hold and release.
   */
  readonly exchange: (frame: string) => Exchanged;
}

/** A link over two pipes. Without the addon, exchange sends nothing. */
export function pipeLink(
  readPath: string,
  writePath: string,
  sinks: SharedSinks,
  addon: boolean,
): Link {
  const sink = new PipeSink(writePath);
  const input = new Input(readPath, sinks);
  let exchange: Link['exchange'] = () => UNSENT;
  if (!addon) return { input, sink, exchange };
  try {
    const pipes = new (loadAddon().Pipes)(input.blockingFd, sink.fd);
    exchange = (frame) => pipes.exchange(frame);
  } catch {
    // The addon is not built.
  }
  return { input, sink, exchange };
}

/** A link over two pipes whose streams continue in shared-memory rings. */
export function sharedLink(
  readPath: string,
  writePath: string,
  rings: Rings,
  sinks: SharedSinks,
): Link {
  const sink = new SharedSink(writePath, rings.toPeer);
  const input = new SharedInput(readPath, rings.fromPeer, sinks);
  const exchange = rings.exchange(input.fd);
  return {
    input,
    sink,
    exchange: (frame) =>
      input.shared && sink.shared ? exchange(frame) : UNSENT,
  };
}
