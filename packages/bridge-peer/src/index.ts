/**
 * For authors of backends: the protocol engine and the interface that it
 * requires of a transport.
 */
export {
  peerClosed,
  queueFault,
  streamsOf,
  type PeerOptions,
  type Streams,
} from './options.js';
export { Peer } from './peer.js';
export type { Transport } from './transport.js';
