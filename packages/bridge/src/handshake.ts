import type { Bridge, Json } from './bridge.js';
import { ClosedError, LocalError } from './errors.js';

/**
 * The first exchange on every bridge: Go sends the first message, a call of
 * {@link HANDSHAKE_METHOD}. The Go counterpart is `go/bridge/handshake.go`.
 */
export const HANDSHAKE_METHOD = 'bridge.Handshake';

/** Version of the protocol of `docs/protocol.md`. Both sides must have the same. */
export const PROTOCOL_VERSION = 1;

/** A side's description of itself. */
export interface Hello {
  readonly protocol: number;
  /** Name and version of the program, for error messages and logs. */
  readonly software: string;
  /** The side's features beyond the protocol's base. */
  readonly capabilities: readonly string[];
  /** The side's process id, if it reports one. */
  readonly pid?: number;
}

/**
 * Responds to the peer's handshake; resolves with the peer's hello. A peer of
 * another version is refused with an error that names both versions. `pid`
 * identifies this process to the peer, also behind a wrapper.
 *
 * @throws {LocalError} the peer is of another version, or its hello is
 * malformed
 * @throws {ClosedError} the bridge closed before the handshake
 */
export async function acceptHandshake(
  bridge: Bridge,
  software: string,
  capabilities: readonly string[] = [],
  pid?: number,
): Promise<Hello> {
  return new Promise((resolve, reject) => {
    bridge.handle(HANDSHAKE_METHOD, ([first]) => {
      const peer = parseHello(first);
      if (peer === undefined) {
        const error = new LocalError(
          'handshake: expected {"protocol":integer,"software":string,"capabilities":[string, …],"pid":integer}',
        );
        reject(error);
        throw error;
      }
      if (peer.protocol !== PROTOCOL_VERSION) {
        const message =
          `bridge protocol mismatch: ${peer.software} speaks version ${String(peer.protocol)}, ` +
          `${software} speaks version ${String(PROTOCOL_VERSION)}; install both from the same release`;
        reject(new LocalError(message));
        throw new LocalError(message);
      }
      // Deferred: our response is sent before anything that the caller sends.
      setImmediate(resolve, peer);
      const mine: Hello = {
        protocol: PROTOCOL_VERSION,
        software,
        capabilities,
        ...(pid === undefined ? {} : { pid }),
      };
      return JSON.stringify(mine);
    });
    void bridge.closed.then((reason) => {
      reject(
        new ClosedError(
          `bridge closed before the handshake: ${reason.message}`,
        ),
      );
    });
  });
}

/**
 * Returns undefined for a malformed hello. A missing list of capabilities is an
 * empty one; the process id is optional.
 */
function parseHello(json: Json | undefined): Hello | undefined {
  const value: unknown = json === undefined ? undefined : JSON.parse(json);
  if (typeof value !== 'object' || value === null) return undefined;
  const {
    protocol,
    software,
    capabilities = [],
    pid,
  } = value as Record<string, unknown>;
  if (typeof protocol !== 'number' || !Number.isSafeInteger(protocol)) {
    return undefined;
  }
  if (typeof software !== 'string' || !isStrings(capabilities)) {
    return undefined;
  }
  if (pid === undefined) return { protocol, software, capabilities };
  if (!isPid(pid)) return undefined;
  return { protocol, software, capabilities, pid };
}

function isPid(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function isStrings(value: unknown): value is string[] {
  return (
    Array.isArray(value) && value.every((each) => typeof each === 'string')
  );
}
